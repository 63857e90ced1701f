#!/bin/bash
# tests/fuzz/seeds.sh FOLDER   makes what the fuzz targets start from: FOLDER/TARGET/* and FOLDER/TARGET.dict.
# Words of the dictionaries are the strings in the readers' own sources, so that new fields are found there.
set -eu
out=$1
mkdir -p "$out"/{safetensors,tokenizer,config,chat,jsonl,import,deck,bank,damage}

words()     # words FILE...   the strings of C sources that look like names
{
    grep -oh '"[A-Za-z_][A-Za-z0-9_]*"' "$@" | tr -d '"' | sort -u
}
quoted() { sed 's/[\\"]/\\&/g; s/.*/"&"/'; }
{ words src/io/safetensors.c | quoted; printf '%s\n' '"__metadata__"' '"[0,0]"' '"9223372036854775807"'; } >"$out/safetensors.dict"
{ words src/io/tokenizer_json.c src/io/pretoken.c src/io/normal.c; printf '%s\n' '(?=' '(?!' '(?<=' '(?<!' '(?:' '(?>' '(?i:' '\p{L}' '\p{N}' '\P{Lu}' '\s' \
    '[^\s' '*+' '{2,9}' '|' 'Ġ' 'é' '<|im_end|>'; } | quoted | sed 's/Ġ/\\xC4\\xA0/; s/é/\\xC3\\xA9/' >"$out/tokenizer.dict"
{ words src/io/hf_config*.c src/io/hf_rope.c src/io/hf_fields.def src/model/rope.c; printf '%s\n' NaN -Infinity 1e999 18446744073709551616 '\ud800' '\u0000'; } |
    quoted >"$out/config.dict"
words src/io/bank_json.c src/io/bank.c | quoted >"$out/jsonl.dict"
sed -n 's/^KEY(\([a-z_]*\), *\([a-z_]*\),.*/"\1"\n"\2"\n"[\1]"\n"\1.\2="/p' include/keys.def | sort -u >"$out/deck.dict"
printf '"yes"\n"no"\n"1e400"\n"0x10"\n" ;"\n" #"\n"\\xEF\\xBB\\xBF"\n"\\x0D\\x0A"\n' >>"$out/deck.dict"

tensor_file()   # tensor_file NAME HEADER BYTES
{
    local n=${#2}
    { printf "\\x$(printf %02x $((n & 255)))\\x$(printf %02x $((n >> 8)))\\0\\0\\0\\0\\0\\0%s" "$2"; head -c "$3" /dev/zero; } \
        >"$out/safetensors/$1"
}
tensor_file one '{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}' 24
tensor_file many '{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[2,2],"data_offsets":[8,16]},"c":{"dtype":"I64","shape":[],"data_offsets":[16,24]},"d":{"dtype":"F8_E4M3","shape":[0,5],"data_offsets":[24,24]}}' 24
tensor_file none '{}' 8

tokens()    # tokens NAME PRE NORMALIZER ADDED TEXT
{
    printf '{"truncation":null,"added_tokens":[%s],"normalizer":%s,"pre_tokenizer":%s,"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","dropout":null,"ignore_merges":false,"vocab":{"@@":0,"he":256,"ll":257,"hell":258,"\xc4\xa0h":259},"merges":["h e",["l","l"],"he ll","\xc4\xa0 h"]}}\0%b' \
        "$4" "$3" "$2" "$5" >"$out/tokenizer/$1"
}
level='{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}'
plain='{"type":"ByteLevel","add_prefix_space":true,"use_regex":false}'
tokens gpt "$level" null '' ' hello, it\x27s 42 \xe2\x82\xac\xff\n\n  x'
tokens split '{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:a|b)|[^\\r\\n\\p{L}]?\\p{L}+|\\s+(?!\\S)"},"behavior":"Isolated","invert":false},{"type":"Split","pattern":{"String":"e"},"behavior":"MergedWithNext"},{"type":"Digits","individual_digits":true},'"$plain"']}' \
    '{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"NFKD"}]}' \
    '{"id":260,"content":"<|im_end|>","special":true},{"id":261,"content":"e\u0301","normalized":true,"lstrip":true,"rstrip":true}' \
    'hello<|im_end|> e\xcc\x81 1234 \xea\xb0\x80'
printf '{"added_tokens":[],"pre_tokenizer":%s,"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","unk_token":"<x>","fuse_unk":true,"byte_fallback":true,"vocab":{"a":0,"b":1,"c":2,"ab":3,"abc":4,"<x>":5,"<0x71>":6},"merges":["a b","ab c"]}}\0a qqbc~~ab qabc' "$level" >"$out/tokenizer/gaps"
isolated() { printf '{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"%s"},"behavior":"Isolated"},%s]}' "$1" "$plain"; }
tokens qwen "$(isolated "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+")" \
    '{"type":"NFC"}' '{"id":260,"content":"<x>","single_word":true,"rstrip":true}' "I'LL go -- 12 times,\\n\\n   then <x> a<x>b\\t1"

printf '{"architectures":["Qwen2ForCausalLM"],"vocab_size":97,"hidden_size":36,"intermediate_size":53,"num_hidden_layers":2,"num_attention_heads":3,"num_key_value_heads":1,"head_dim":10,"rope_theta":1e6,"rms_norm_eps":1e-6,"tie_word_embeddings":true,"use_sliding_window":false,"hidden_act":"silu","layer_types":["full_attention","full_attention"]}' >"$out/config/qwen2"
printf '{"architectures":["LlamaForCausalLM"],"vocab_size":32000,"hidden_size":2048,"intermediate_size":5632,"num_hidden_layers":22,"num_attention_heads":32,"max_position_embeddings":2048,"rope_parameters":{"rope_type":"default","rope_theta":5e5},"rope_scaling":null,"attention_bias":false,"mlp_bias":false}' >"$out/config/llama"
printf '{"architectures":["Qwen3ForCausalLM"],"vocab_size":16777216,"hidden_size":65536,"intermediate_size":65536,"num_hidden_layers":8,"num_attention_heads":65536,"num_key_value_heads":65536,"head_dim":8,"max_position_embeddings":16777216,"rope_theta":1e6,"rope_scaling":{"type":"yarn","factor":4,"original_max_position_embeddings":32768,"beta_fast":32,"beta_slow":1,"mscale":1,"mscale_all_dim":0.5,"truncate":false},"use_sliding_window":true,"sliding_window":4096,"max_window_layers":4}' >"$out/config/large"
printf '{"architectures":["LlamaForCausalLM"],"vocab_size":64,"hidden_size":32,"intermediate_size":96,"num_hidden_layers":2,"num_attention_heads":2,"rope_parameters":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":8192,"rope_theta":5e5}}' >"$out/config/llama3"

printf '\xEF\xBB\xBF{"architectures":["LlamaForCausalLM"],"vocab_size":64,"hidden_size":32,"intermediate_size":1,"num_hidden_layers":2,"num_attention_heads":2,"temperature":NaN,"max_length":1000000000000000019884624838656,"prefix":"\\ud800\\ud83d\\ude00\\u0000","a":null,"a":null,"pruned_heads":{},"logits_scaling":1,"label2id":{"\\u0000":1}}' >"$out/config/odd"

words src/io/hf_chat.c | quoted >"$out/chat.dict"
printf '{"bos_token":null,"eos_token":{"content":"<|im_end|>"},"chat_template":[{"name":"default","template":"{{ x }}"}],"tokenizer_class":"Qwen2Tokenizer","eos_token_id":[1,2]}' >"$out/chat/lists"
printf '{"bos_token":"<s>","eos_token":"</s>","chat_template":"{{ x }}","eos_token_id":2}' >"$out/chat/plain"

printf '%s\n' '{"id":"p1","statement":"s","time_ms":1000,"memory_kb":262144,"checker":"tokens","tests":[{"input":"1 2\n","output":"3\n"},{"input":"","checker":"float"}],"programs":[{"id":"a","language":"python","source":"print(3)","reference":true},{"language":"c","source":"","pool":"weak"}]}' >"$out/jsonl/two"
printf '%s\n' '{"split":"heldout","difficulty":"hard","tests":[{"call":"assert f(1) == 2"}],"programs":[{"language":"python","source":"def f(x): return 2"}],"hint":1}' '' \
    '{"checker":{"language":"cpp","source":"int main(){}"},"tests":[{"input":"1"}],"programs":[{"language":"rust","source":"fn main(){}"}]}' >"$out/jsonl/call"

list='"query":"Add.","generator":"g","language":"python","num_candidates":3,"candidates":["print(1)","print(2)","print(3)"],"chosen_position":1,"chosen_answer":"B","pass_rates":[0.25,1,0.5],"easy_hard":"easy","weak_strong":"weak","source":"s","max_prompt_tokens":100'
printf '{"idx":"1","prompt_id":"a",%s}\n{"idx":"2","prompt_id":"b",%s}\n\0{"prompt_id":"a","tests":[{"input":"1","output":"2"}],"checker":"tokens","time_ms":500}\n' "$list" "$list" >"$out/import/lists"
{ cat "$out/import/lists"; echo; } >"$out/import/train"      # of even length: as lists of the train suite
printf '%s\n' '{"id":"1","prompt":"p","chosen":["a","b"],"rejected":["c","d"],"num_correct":2,"num_incorrect":2,"total_completions":4,"models":["m"],"subset":"Ties"}' \
    '{"id":2,"prompt":[{"role":"user","content":"p"},{"role":"assistant","content":"q"}],"chosen":["a","b","c"],"rejected":["d","e","f"],"domain":"code"}' \
    '{"pair_id":"3","question":"q","response_A":"a","response_B":"b","label":"B>A","source":"s","response_model":"m"}' >"$out/import/judge"
printf '%s\n' '{"id":"4","prompt":"p","chosen":"```py\nx\n```","rejected":"```python\ny\n```","language":"Python","aspect":"Memory_Efficiency"}' \
    '{"question_id":"5","question_content":"q","pos_response":"a","neg_response":"b","pos_input":"1","neg_input":"2","difficulty":"hard"}' \
    '{"question_content":"q","pos_response":"a","neg_response":"b","wrong_code":"w","wrong_meta":{"error_code":-2,"inputs":"1"}}' >"$out/import/pairs"
cp "$out/jsonl/two" "$out/jsonl/call" "$out/import"
cat $(ls src/io/import*.c src/io/bank_json.c 2>/dev/null) | grep -oh '"[A-Za-z_][A-Za-z0-9_]*"' | sort -u >"$out/import.dict"

for deck in input/*.in tests/data/tiny.in; do
    [ "$(wc -c <"$deck")" -gt 4000 ] || cp "$deck" "$out/deck"
done
printf '[run]\nseed = 3\r\ndir = a # b\0run.steps=5\0recipe.name=grpo' >"$out/deck/override"
: >"$out/bank/empty"
: >"$out/damage/empty"
