# aletheia.  The README's two commands:
#   make demo            set up, then the main job on the shipped model: a table, plots, HDF5 files
#   make check           set up, then every test        FLOOR=io one floor   SAN=1 with ASan+UBSan
# and: make (bin/aletheia)  make recipes  make bench  make soak N=100000  make row  make interrupt
#      make fuzz  make layers  make deps  make install PREFIX=  make clean
# Site choices (CC, OPT, MPIRUN, library paths) go in config.mk, which git ignores.
-include config.mk

ifeq ($(origin CC),default)
CC := mpicc
endif
PREFIX ?= /usr/local
ifdef SAN
OPT    ?= -O1 -march=native
BUILD  ?= build/san
SANFL  := -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
else
OPT    ?= -O3 -march=native
BUILD  ?= build/opt
endif
BIN    ?= $(if $(SAN),$(BUILD)/aletheia,bin/aletheia)

FLOORS := base comm backend model io sandbox testbed rollout rl eval app

HDF5_CFLAGS = $(shell pkg-config --cflags hdf5-openmpi 2>/dev/null)
HDF5_LIBS   = $(shell pkg-config --libs hdf5-openmpi 2>/dev/null || echo -lhdf5)
VERSION    := 0.1.0
COMMIT      = $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

CFLAGS += -std=c17 -D_GNU_SOURCE $(OPT) -g -fopenmp -ffp-contract=on $(SANFL) -Iinclude -Isrc
CFLAGS += -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wno-unknown-pragmas
LDLIBS += -ljansson -linih -lpcre2-8 -lutf8proc -lseccomp -lxxhash $(HDF5_LIBS) -lm -lpthread

src_of  = $(filter-out %_so.c,$(sort $(wildcard src/$(1)/*.c src/$(1)/*/*.c)))
obj_of  = $(patsubst %.c,$(BUILD)/%.o,$(call src_of,$(1)))
SRC     := $(foreach f,$(FLOORS),$(call src_of,$(f)))
OBJ     := $(SRC:%.c=$(BUILD)/%.o)
TESTS   := $(sort $(wildcard $(if $(FLOOR),tests/$(FLOOR)_*.c,tests/*_*.c)))
TBIN    := $(TESTS:tests/%.c=$(BUILD)/tests/%)

all: $(BIN)

$(BIN): $(OBJ)
	@mkdir -p $(@D)
	@echo "  link  $@"
	@$(CC) $(CFLAGS) $^ $(LDFLAGS) $(LDLIBS) -o $@

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  cc    $<"
	@$(CC) $(CFLAGS) $(CFLAGS_$(word 2,$(subst /, ,$*))) -MMD -MP -c $< -o $@

# the kernels are written for fused multiply-adds
CFLAGS_backend := -ffp-contract=fast -fno-math-errno -fexpensive-optimizations     # which makes them, also at -O1
# and GCC, tuning for AMD, would leave some sums unfused: other bits than elsewhere
CFLAGS_backend += $(shell $(CC) --param avoid-fma-max-bits=0 -E -x c /dev/null >/dev/null 2>&1 && echo --param avoid-fma-max-bits=0)
CFLAGS_io    = $(HDF5_CFLAGS) -DALETHEIA_VERSION='"$(VERSION)"' -DALETHEIA_COMMIT='"$(COMMIT)"'
$(BUILD)/src/io/h5.o: $(wildcard .git/logs/HEAD)    # the commit stands in every file written
# embedded in it: what runs inside the sandbox's Python
$(BUILD)/src/sandbox/language/python.o: src/sandbox/language/zygote.py $(BUILD)/zygote.so
$(BUILD)/src/sandbox/language/python.o: CFLAGS += -DZYGOTE_SO='"$(BUILD)/zygote.so"'
$(BUILD)/src/sandbox/box/calls.o: $(wildcard src/sandbox/box/*.py)
$(BUILD)/src/sandbox/language/python_cold.o: src/sandbox/language/cold.py
$(BUILD)/zygote.so: src/sandbox/language/zygote_so.c
	@mkdir -p $(@D)
	@cc -std=c17 -O2 -Wall -Wextra -Werror -fPIC -shared -s $< -o $@
$(BUILD)/src/sandbox/language/languages.o: input/languages.conf
$(BUILD)/src/testbed/template_file.o: input/templates.conf
$(BUILD)/src/testbed/question_file.o: input/questions.conf
CFLAGS_app   = -DALETHEIA_VERSION='"$(VERSION)"' -DALETHEIA_COMMIT='"$(COMMIT)"'

# A test links its own floor and those below (test.h wants comm): tests/<floor>_<topic>.c
below    = $(shell for f in $(FLOORS); do echo $$f; [ $$f = $(1) ] && break; done)
floor_of = $(patsubst base,comm,$(firstword $(subst _, ,$(notdir $(1)))))
$(foreach t,$(TESTS),$(eval $(t:tests/%.c=$(BUILD)/tests/%): \
    $(filter-out $(BUILD)/src/app/main.o,$(foreach f,$(call below,$(call floor_of,$(t))),$(call obj_of,$(f))))))
$(BUILD)/tests/%: tests/%.c tests/test.h
	@mkdir -p $(@D)
	@echo "  test  $<"
	@$(CC) $(CFLAGS) -Itests -MMD -MP $< $(filter %.o,$^) $(LDFLAGS) $(LDLIBS) -o $@

# deps, demo, recipes, check and bench first see to the packages; a stamp makes that free the second time.
STAMP := build/.deps$(if $(filter check deps,$(MAKECMDGOALS)),-check)
ifneq ($(filter deps demo recipes check bench,$(MAKECMDGOALS)),)
$(OBJ) $(TBIN): | $(STAMP)
MAKEFLAGS += -j$(shell nproc)
endif
deps: $(STAMP)
build/.deps: jobs/deps.sh
	@$< && mkdir -p $(@D) && touch $@
build/.deps-check: jobs/deps.sh
	@$< check && mkdir -p $(@D) && touch $@ build/.deps

RUNTESTS = ALETHEIA=$(abspath $(BIN)) SAN=$(SAN) tests/run.sh
check: $(BIN) $(TBIN) layers
	@$(RUNTESTS) $(TBIN) $(sort $(wildcard tests/$(if $(FLOOR),$(FLOOR),*)_*.sh))
demo: $(BIN)
	@ALETHEIA=$(abspath $(BIN)) jobs/demo.sh
# the study's five recipes from one base: a table, a plot; the same command goes on where it was stopped
recipes: $(BIN)
	@ALETHEIA=$(abspath $(BIN)) jobs/recipes.sh
# a long mix of good and hostile programs; the report ends with what is left: nothing
soak: $(BUILD)/tests/sandbox_soak
	@$< $(or $(N),100000)
# every resource attack N times in a row, for at most S seconds each, in each mode: never a fault
row: $(BUILD)/tests/sandbox_row
	@$< $(or $(N),10000) $(or $(S),60)
# every recipe, interrupted again and again at random moments on 1, 2 and 3 ranks: about half an hour
interrupt: $(BIN)
	@ALETHEIA_LONG=1 ALETHEIA_SEED=$(or $(SEED),1) SLOW=20 $(RUNTESTS) tests/app_recipes.sh
# readers on bad input, coverage-guided: make fuzz FUZZ="safetensors deck" SECONDS=600
fuzz: ; @$(MAKE) -f tests/fuzz/fuzz.mk FUZZ="$(FUZZ)" SECONDS="$(SECONDS)"
bench: $(BIN)
	@ALETHEIA=$(abspath $(BIN)) jobs/bench.sh

# Nothing in the program knows where it was built or installed; decks name files from where one stands.
SHARE = $(DESTDIR)$(PREFIX)/share/aletheia
install: $(BIN)
	install -D $(BIN) $(DESTDIR)$(PREFIX)/bin/aletheia
	mkdir -p $(SHARE) && cp -r input jobs analysis docs README.md LICENSE $(SHARE)/

layers: ; @tests/layers.sh
# One form for all sources (.clang-format; version 14, since versions differ).  Guests are left as their authors wrote them.
FORMATTER ?= clang-format
FORMATTED = $(shell find src tests -name '*.[ch]' -not -path 'tests/attacks/*/*' -not -path 'tests/fair/*' -not -path 'tests/data/*')
format: ; @$(FORMATTER) -i $(FORMATTED)
formatted: ; @$(FORMATTER) -n --Werror $(FORMATTED) 2>&1 | sed -n 's/: error: code should be clang-formatted.*/: make format would change this/p' | grep . && exit 1 || true
clean:  ; rm -rf build bin

-include $(OBJ:.o=.d) $(TBIN:=.d)
.PHONY: all deps demo recipes check soak row interrupt fuzz bench install layers format formatted clean
