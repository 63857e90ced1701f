# make fuzz: the readers under clang's libFuzzer with AddressSanitizer and UBSan, in build/fuzz.  Not part of make check.
#   make fuzz                                   every target, 60 s each
#   make fuzz FUZZ="deck bank" SECONDS=600      these, 600 s each
MAKEFLAGS += -j$(shell nproc)
CLANG   ?= clang
B       := build/fuzz
TARGETS := safetensors tokenizer config chat jsonl deck bank damage $(if $(wildcard src/io/import.c),import)
FUZZ    := $(or $(FUZZ),$(TARGETS))
SECONDS := $(or $(SECONDS),60)

HDF5_CFLAGS := $(shell pkg-config --cflags hdf5-openmpi 2>/dev/null)
HDF5_LIBS   := $(shell pkg-config --libs hdf5-openmpi 2>/dev/null || echo -lhdf5)
export OMPI_CC = $(CLANG)
SANITIZE := address,undefined,float-cast-overflow
CFLAGS   := -std=c17 -D_GNU_SOURCE -O1 -g -fno-omit-frame-pointer -Iinclude -Isrc -Itests/fuzz $(HDF5_CFLAGS) \
            -DALETHEIA_VERSION='"fuzz"' -DALETHEIA_COMMIT='"fuzz"' -Wall -Wextra -Wno-unknown-pragmas \
            -fno-sanitize-recover=all
LDLIBS   := -ljansson -linih -lpcre2-8 -lutf8proc -lxxhash $(HDF5_LIBS) -lm -lpthread
# what readers acquire goes through fuzz.c
WRAPPED  := fail_at posix_memalign free fopen fdopen fclose __getdelim open close mmap munmap \
            pcre2_compile_8 pcre2_code_free_8 pcre2_match_data_create_8 pcre2_match_data_free_8 \
            pcre2_match_context_create_8 pcre2_match_context_free_8 pcre2_jit_stack_create_8 pcre2_jit_stack_free_8
SRC      := $(wildcard src/base/*.c src/comm/*.c src/model/*.c src/io/*.c) src/backend/dtype.c
SHARED   := $(B)/fuzz.o $(B)/json.o

ifneq ($(shell echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | \
       $(CLANG) -w -fsanitize=fuzzer,address -x c - -o /dev/null 2>/dev/null && echo yes),yes)
$(error make fuzz needs clang with libFuzzer and its sanitizers (packages clang and libclang-rt-dev): jobs/deps.sh fuzz)
endif

run: $(FUZZ:%=$(B)/%)
	@tests/fuzz/fuzz.sh $(B) $(SECONDS) $(FUZZ)

# an archive: a target takes only the floors that it needs
$(B)/readers.a: $(SRC:%.c=$(B)/%.o)
	@rm -f $@ && ar rcs $@ $^
$(B)/src/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "  fuzz  $<"
	@mpicc $(CFLAGS) -fsanitize=fuzzer-no-link,$(SANITIZE) -MMD -MP -c $< -o $@
$(B)/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	@echo "  fuzz  $<"
	@mpicc $(CFLAGS) -fsanitize=$(SANITIZE) -MMD -MP -c $< -o $@
$(B)/bank $(B)/damage: $(B)/sound.o
$(TARGETS:%=$(B)/%): $(B)/%: $(B)/%.o $(SHARED) $(B)/readers.a
	@mpicc -g -fsanitize=fuzzer,$(SANITIZE) $(WRAPPED:%=-Wl,--wrap=%) $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS) -o $@

.SECONDARY:
.PHONY: run
-include $(wildcard $(B)/*.d $(B)/src/*/*.d)
