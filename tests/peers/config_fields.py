"""Which fields transformers writes into config.json for the three architectures, and what each is to us.

Writes src/io/hf_fields.def; never part of `make check`.
    python tests/peers/config_fields.py PYTHON ... >src/io/hf_fields.def
    python tests/peers/config_fields.py --list PYTHON ...        the fields with their defaults, class by class
PYTHON: interpreters of environments that each have one version of transformers (configuration classes need neither torch
nor a network); the table in the tree was made with 4.30.2, 4.36.2, 4.40.2, 4.45.2, 4.51.3, 4.57.1, 5.0.0 and 5.24.0.
Asked for: every attribute that LlamaConfig, Qwen2Config and Qwen3Config have or write (to_dict, to_json_string), every
name that their constructors and their base's take, and everything of GenerationConfig, since 4.x kept those in
config.json too.  WHAT below says what each is; a field that a version has and WHAT does not stops the script.
"""
import json
import subprocess
import sys

ASK = r'''
import inspect, json, re, sys, warnings
warnings.filterwarnings("ignore")
import transformers
out = {"version": transformers.__version__, "classes": {}}
def plain(v):
    try:
        return json.loads(json.dumps(v))
    except Exception:
        return str(v)
for name, where in (("LlamaConfig", "llama"), ("Qwen2Config", "qwen2"), ("Qwen3Config", "qwen3")):
    try:
        module = __import__(f"transformers.models.{where}.configuration_{where}", fromlist=[name])
    except ImportError:
        continue
    made = getattr(module, name)()
    got = {k: plain(v) for k, v in made.to_dict().items()}
    got.update({k: plain(v) for k, v in json.loads(made.to_json_string(use_diff=False)).items()})
    for c in type(made).__mro__:
        if "PretrainedConfig" not in c.__name__ and "PreTrainedConfig" not in c.__name__ and c is not type(made):
            continue
        for k, p in inspect.signature(c.__init__).parameters.items():
            if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and k != "self":
                got.setdefault(k, None if p.default is p.empty else plain(p.default))
        for k in getattr(c, "__annotations__", {}):
            got.setdefault(k, plain(getattr(made, k, None)))
        for k in re.findall(r"kwargs\.pop\(\s*\"([A-Za-z_0-9]+)\"", inspect.getsource(c)):
            got.setdefault(k, plain(getattr(made, k, None)))
    for k, v in vars(made).items():
        got.setdefault(k, plain(v))
    out["classes"][name] = got
try:
    from transformers.generation.configuration_utils import GenerationConfig
    out["classes"]["GenerationConfig"] = {k: plain(v) for k, v in vars(GenerationConfig()).items()}
except ImportError:
    pass
json.dump(out, sys.stdout)
'''

READ = """vocab_size hidden_size intermediate_size num_hidden_layers num_attention_heads num_key_value_heads head_dim
max_position_embeddings rms_norm_eps tie_word_embeddings rope_theta rope_scaling rope_parameters
original_max_position_embeddings partial_rotary_factor hidden_act attention_bias mlp_bias use_sliding_window
sliding_window max_window_layers layer_types quantization_config architectures eos_token_id dtype torch_dtype
aletheia_question"""

HARMLESS = {
    "name": """_name_or_path _model_name_or_path name_or_path model_type transformers_version tokenizer_class prefix
        finetuning_task task_specific_params problem_type id2label label2id num_labels auto_map _commit_hash
        _auto_class unsloth_fixed unsloth_version transformers.js_config base_config_key sub_configs
        is_composition is_llama_config _configuration_file attribute_map keys_to_ignore_at_inference
        has_no_defaults_at_init _from_auto _from_pipeline _post_init_done cache_dir commit_message extra_config_files extra_files
        force_download ignore_keys_at_rope_validation local_files_only proxies repo_id resume_download return_unused_kwargs
        revision subfolder token use_auth_token sub_configs_defaults""",
    "token": """bos_token_id pad_token_id sep_token_id unk_token_id cls_token_id mask_token_id decoder_start_token_id
        image_token_id""",
    "training": """initializer_range attention_dropout hidden_dropout resid_dropout embd_dropout resid_pdrop embd_pdrop
        attn_pdrop hidden_dropout_prob attention_probs_dropout_prob dropout classifier_dropout gradient_checkpointing
        loss_type tf_legacy_loss router_aux_loss_coef""",
    "execution": """use_cache pretraining_tp torchscript use_bfloat16 return_dict use_return_dict output_attentions
        _output_attentions output_hidden_states chunk_size_feed_forward attn_implementation _attn_implementation
        _attn_implementation_internal _attn_implementation_autoset _attn_was_changed _experts_implementation experts_implementation
        _experts_implementation_internal _flash_attn_2_enabled base_model_tp_plan base_model_pp_plan base_model_ep_plan base_model_fsdp_plan
        distributed_config tp_plan pp_plan device_map fusion_config xla_device""",
    "generation": """max_length max_new_tokens min_length min_new_tokens max_time stop_strings early_stopping
        do_sample num_beams num_beam_groups num_return_sequences num_assistant_tokens num_assistant_tokens_schedule
        temperature top_k top_p min_p top_h typical_p epsilon_cutoff eta_cutoff diversity_penalty penalty_alpha
        repetition_penalty encoder_repetition_penalty length_penalty no_repeat_ngram_size
        encoder_no_repeat_ngram_size bad_words_ids force_words_ids constraints renormalize_logits
        forced_bos_token_id forced_eos_token_id remove_invalid_values exponential_decay_length_penalty
        suppress_tokens begin_suppress_tokens forced_decoder_ids sequence_bias token_healing guidance_scale
        low_memory watermarking_config output_scores output_logits return_dict_in_generate
        return_legacy_cache cache_implementation cache_config prompt_lookup_num_tokens max_matching_ngram_size
        assistant_confidence_threshold assistant_early_exit assistant_lookbehind target_lookbehind
        is_assistant dola_layers disable_compile compile_config continuous_batching_config prefill_chunk_size
        generation_kwargs generation_config _from_model_config _original_object_hash use_model_defaults
        trust_remote_code custom_generate custom_generate_kwargs speculative_config use_mtp num_mtp_assistants speculation_type
        assistant_ensemble_weight max_cache_len""",
}

# The value with which the function is as here (0: also false and anything empty; 1: also true), and what another does.
ONLY = {
    "pruned_heads": (0, "heads are taken out"),
    "is_encoder_decoder": (0, "an encoder and a decoder"),
    "add_cross_attention": (0, "attention to another model"),
    "tie_encoder_decoder": (0, "an encoder and a decoder"),
    "encoder_hidden_size": (0, "attention to another model"),
    "attention_multiplier": (1, "scaled attention"),
    "embedding_multiplier": (1, "scaled embeddings"),
    "residual_multiplier": (1, "scaled sums"),
    "logits_scaling": (1, "scaled logits"),
    "logit_scale": (1, "scaled logits"),
    "scale_emb": (1, "scaled embeddings"),
    "rope_interleaved": (0, "another order of rotary pairs"),
    "use_mrope": (0, "positions of several dimensions"),
    "use_qk_norm": (0, "norms of queries and keys, other than Qwen3's"),
    "attn_logit_softcapping": (0, "capped logits"),
    "final_logit_softcapping": (0, "capped logits"),
    "per_layer_config": (0, "layers of different shapes"),
    "num_experts": (0, "a mixture of experts"),
    "num_local_experts": (0, "a mixture of experts"),
}
ANY = {"is_decoder": "execution", "cross_attention_hidden_size": "execution"}     # decoders whatever these say


def classify():
    what = {name: ("READ", 0, "") for name in READ.split()}
    for reason, names in HARMLESS.items():
        for name in names.split():
            if name in what:
                sys.exit(f"{name} is there twice")
            what[name] = ("HARMLESS", 0, reason)
    for name, reason in ANY.items():
        what[name] = ("HARMLESS", 0, reason)
    for name, (value, reason) in ONLY.items():
        what[name] = ("ONLY", value, reason)
    return what


def main():
    pythons = [a for a in sys.argv[1:] if a != "--list"]
    answers = [json.loads(subprocess.run([p, "-c", ASK], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout)
               for p in pythons]
    answers.sort(key=lambda a: [int(x) for x in a["version"].split(".")[:3]])
    if "--list" in sys.argv:
        for a in answers:
            for name, fields in a["classes"].items():
                for k, v in sorted(fields.items()):
                    print(a["version"], name, k, json.dumps(v))
        return
    what, seen = classify(), {}
    for a in answers:
        for fields in a["classes"].values():
            for k, v in fields.items():
                first, last, default = seen.get(k, (a["version"], None, v))
                seen[k] = (first, a["version"], default if default is not None else v)
    unknown = sorted(k for k in seen if k not in what)
    if unknown:
        sys.exit("not in WHAT: " + " ".join(f"{k}={json.dumps(seen[k][2])[:60]}" for k in unknown))
    print("/* Fields of config.json: FIELD(name, what it is, value, reason).  Made by tests/peers/config_fields.py from the")
    print("   configuration classes of transformers " + ", ".join(a["version"] for a in answers) + ".")
    print("   READ: hf_config.c, or whoever needs it.  HARMLESS: no value of it changes what the model computes.")
    print("   ONLY: with this value (or null) the model is as here; 0: also false and anything empty, 1: also true. */")
    for k in sorted(what):
        kind, value, reason = what[k]
        print(f'FIELD("{k}", {kind}, {value}, "{reason}")')


if __name__ == "__main__":
    main()
