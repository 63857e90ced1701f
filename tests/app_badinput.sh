# Bad input ends with the right exit code and one message that names the thing and the
# remedy; a program under test that misbehaves is a verdict.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
python=/usr/bin/python3
tiny_make || { bad "no tiny model"; exit 1; }

# The command line and the deck.
refused 0 2 'no verb .trian'                             trian tiny.in
refused 2 2 'no verb .trian'                             trian tiny.in
refused 2 2 'nowhere.in'                                 train nowhere.in
printf '[run]\nseed = 1\n[recipe]\ngruop = 4\n' >bad.in
refused 2 2 'bad.in:4: unknown key recipe.gruop.*recipe.group' train bad.in
printf '[run]\nseed = 1\n\n[recipe]\nclip_low = 7\n' >bad.in
refused 2 2 'bad.in:5: recipe.clip_low = 7: .*0.*1'      train bad.in
printf '[run]\nsteps = many\n' >bad.in
refused 2 2 'bad.in:2: run.steps = many'                 train bad.in
printf '[run]\nseed = 1\0\n' >bad.in
refused 2 2 'bad.in: contains NUL bytes'                 train bad.in
{ printf '[run]\ndir = '; head -c 1000000 /dev/zero | tr '\0' x; } >bad.in
refused 2 2 'bad.in:2: line longer than 198 characters'  train bad.in
printf '\xEF\xBB\xBF[run]\r\nseed = 1\r\nsteps = many' >bad.in
refused 2 2 'bad.in:3: run.steps = many: expected an integer' train bad.in
refused 2 2 'command line: run.dir = r0 #1: # .*comment' train tiny.in 'run.dir=r0 #1'
refused 2 2 'layout.graders.*[0-9]'                      train tiny.in layout.graders=2 run.dir=r0
[ ! -e r0/ckpt ] || bad "more graders than ranks: a run directory was begun"

# Models.  broken WHAT CODE TEXT: the model directory `broken` must be refused.
broken() { refused 2 3 "$1" eval tiny.in eval.model=broken; rm -rf broken; cp -r model broken; }
rm -rf broken
broken 'broken'
rm broken/model.safetensors;                             broken 'model.safetensors'
rm broken/tokenizer.json;                                broken 'tokenizer.json'
rm broken/config.json;                                   broken 'config.json'
truncate -s -1000 broken/model.safetensors;              broken 'model.safetensors.*(truncated|short|ends|bytes)'
truncate -s 5 broken/model.safetensors;                  broken 'model.safetensors'
head -c 400 /dev/urandom >broken/model.safetensors;      broken 'model.safetensors'
printf '\0\0\xC0\x7F' | dd of=broken/model.safetensors bs=1 seek=$(($(wc -c <model/model.safetensors) - 4)) conv=notrunc 2>err
broken 'model.safetensors: tensor .*, element [0-9]* is NaN'
printf '\377\377\377\377\377\377\377\377' | dd of=broken/model.safetensors bs=1 conv=notrunc 2>err
broken 'model.safetensors: a header of 18446744073709551615 bytes'
echo '{ "weight_map": { "model.norm.weight": "model.safetensors", "b": "two.safetensors" } }' >broken/model.safetensors.index.json
broken 'two.safetensors: cannot be read'
echo '{ "weight_map": { "a": "../model/model.safetensors" } }' >broken/model.safetensors.index.json
broken 'index.json: field weight_map.a'
sed -i 's/"vocab_size": *[0-9]*/"vocab_size": "many"/' broken/config.json
broken 'config.json: field vocab_size: a whole number was expected, found a text'
sed -i 's/"num_\(attention\|key_value\)_heads": *[0-9]*/"num_\1_heads": 65536/; s/"head_dim": *[0-9]*/"head_dim": 65536/' broken/config.json
broken 'config.json: .*parameters are more than any model has'
sed -i 's/"intermediate_size": *[0-9]*/"intermediate_size": 96/' broken/config.json
broken 'mlp.*(shape|\[)'
sed -i 's/"num_attention_heads": *[0-9]*/"num_attention_heads": 7/' broken/config.json
broken 'q_proj.*shape'
echo '{ "architectures": [' >broken/config.json;         broken 'config.json'
echo '{ "model": { "type": "WordPiece", "vocab": {} } }' >broken/tokenizer.json
broken 'tokenizer.json.*BPE'
echo 'no json' >broken/tokenizer.json;                   broken 'tokenizer.json'

# How a model is asked, and what ends its answers.  asked WHAT CODE TEXT [OVERRIDE]: eval with it must be refused.
asked() { refused 2 "$2" "$3" eval tiny.in eval.model=broken "${@:4}"; rm -rf broken; cp -r model broken; }
rm -rf broken; cp -r model broken
asked 'no such row'     2 'prompt.template = lama3: expected auto, .*llama3, .*file'        prompt.template=lama3
asked 'a folder'        2 'prompt.template = model: expected auto'                          prompt.template=model
asked 'another family'  3 'broken/tokenizer.json has no special token <.start_header_id.>' prompt.template=llama3
asked 'no place'        2 'prompt.system = Hi: .*no place'                                  prompt.template=plain prompt.system=Hi
asked 'escape'          2 'prompt.system = .*after'                                         'prompt.system=a\qb'
printf '[x]\nuser = {user}\nthink = {thought}\n' >frame.conf
asked 'placeholder'     2 'frame.conf:3: think = {thought}'                                 prompt.template=frame.conf
printf '[x]\nuser = hello\nthink = T\ninstruct = I\nstop = <|im_end|>\n' >frame.conf
asked 'no question'     2 'frame.conf:2: .*user. 0 times'                                   prompt.template=frame.conf
head -c 3000 /dev/urandom >frame.conf
asked 'noise'           2 'frame.conf'                                                      prompt.template=frame.conf
: >frame.conf
asked 'empty'           2 'frame.conf: no template'                                         prompt.template=frame.conf
echo '{{ "[INST]" }}' >broken/chat_template.jinja
asked 'unknown family'  2 'cannot be decided.*prompt.template to one of'
echo '{ "chat_template": [ 1 ] }' >broken/tokenizer_config.json
asked 'no template'     3 'tokenizer_config.json: field chat_template'
echo '{ "eos_token_id": "end" }' >broken/generation_config.json
asked 'eos text'        3 'generation_config.json: field eos_token_id'
echo '{ "eos_token_id": [99999] }' >broken/generation_config.json
asked 'eos beyond'      3 'generation_config.json: field eos_token_id: 99999 is no token'
echo '{ "eos_token_id": [1, 2, 3, 4, 5, 6, 7, 8] }' >broken/generation_config.json
asked 'nine ends'       3 'more than 8 tokens end an answer'

# Problem files.
refused 2 3 'nothing.h5'           eval tiny.in data.problems=nothing.h5
echo 'This is not HDF5.' >text.h5
refused 2 3 'text.h5.*HDF5'        eval tiny.in data.problems=text.h5
head -c 5000 problems.h5 >short.h5
refused 2 3 'short.h5'             eval tiny.in data.problems=short.h5
if $python -c 'import h5py' 2>/dev/null; then
    edit()      # edit CODE: bad.h5 is problems.h5 after the Python statements CODE on the open file f
    {
        cp problems.h5 bad.h5
        $python -c "import h5py, numpy
with h5py.File('bad.h5', 'r+') as f: $1"
    }
    edit 'f.attrs["format"] = numpy.bytes_("aletheia/checkpoint")'
    refused 2 3 'bad.h5.*checkpoint' eval tiny.in data.problems=bad.h5
    edit 'f.attrs["version"] = 99'
    refused 2 3 'bad.h5.*99'         eval tiny.in data.problems=bad.h5
    # The right candidate's place is taken by a wrong one, and the other way round.
    edit 'p = f["list/program/data"]; o = f["list/program/offset"]; a = int(f["list/answer"][0]); x = p[:]; i = int(o[0]); x[i + a] = x[i + (a + 1) % 2]; p[:] = x'
    refused 2 3 'bad.h5.*list.* 0' eval tiny.in data.problems=bad.h5
    edit 'p = f["list/program/data"]; o = f["list/program/offset"]; a = int(f["list/answer"][0]); x = p[:]; i = int(o[0]); x[i + (a + 1) % 2] = x[i + a]; p[:] = x'
    refused 2 3 'bad.h5.*list.* 0' eval tiny.in data.problems=bad.h5
    edit 'x = f["list/problem"][:]; x[0] = 1000000; f["list/problem"][:] = x'
    refused 2 3 'bad.h5.*(list|problem)' eval tiny.in data.problems=bad.h5
fi

# What does not fit.
refused 2 4 '(fit|memory|GiB|MiB)' train tiny.in run.dir=r1 recipe.micro_tokens=100000000

# Programs that misbehave: verdicts.
judged()    # judged LANGUAGE VERDICT < program
{
    cat >guest
    "$ALETHEIA" exec "$1" guest sandbox.cpu_ms=500 sandbox.memory_kb=65536 \
        sandbox.output_kb=256 sandbox.allow_degraded=yes >out 2>err </dev/null
    code=$?
    [ $code = 0 ] || bad "exec of a program that should end in $2: exit $code: $(head -c 300 err)"
    grep -Eq "\"verdict\": *\"($2)\"" out || bad "expected $2: $(head -c 300 out)"
}
judged python accepted      <<<'print(7)'
judged python time_limit    <<<'while True: pass'
judged python time_limit    <<<'import time; time.sleep(60)'
judged python 'runtime_error|time_limit|memory_limit' <<<'
import os
while True: os.fork()'
judged python 'memory_limit|runtime_error' <<<'x = [bytearray(1 << 20) for i in range(100000)]'
judged python output_limit  <<<'
while True: print("x" * 1000)'
judged c compile_error      <<<'int main(void) { return }'
judged c runtime_error      <<<'int main(void) { return *(volatile int *)0; }'
refused 0 2 '(language|fortran)' exec fortran guest
refused 0 3 'no-such-file'       exec python no-such-file

# Runs.
must 2 train tiny.in run.dir=r2 run.steps=1
hash=$(cksum r2/ckpt/*.h5)
refused 2 2 'r2.*run.resume' train tiny.in run.dir=r2 run.steps=2
[ "$hash" = "$(cksum r2/ckpt/*.h5)" ] || bad "a refused run changed the directory"

exit $fail
