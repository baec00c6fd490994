# cme: build, install and check. `make help` lists the targets.
#
# Everything built goes under $(BUILD), laid out as it is installed:
#   $(BUILD)/lib/lua/5.4/cme/*.so   the C modules for Lua 5.4
#   $(BUILD)/lib/lua/5.1/cme/*.so   the same for LuaJIT in nginx (not cme.http)
#   $(BUILD)/bin/cme-relay          the engine
#   $(BUILD)/bin/cme-pull           what reads sources for it
#   $(BUILD)/bin/cme-push           what writes outputs that are not RTMP for it
#   $(BUILD)/bin/cme-edge           the edge
#   $(BUILD)/bin/cme-look           what looks at a stream as its viewers do
#   $(BUILD)/lib/libcme_*.a         the media path's libraries, which the engine is linked from
#   $(BUILD)/spec/                  the C tests
#   $(BUILD)/tools/reaper           what the runner of the tests starts each of them with

LUA       ?= lua5.4
BUILD     ?= build
PREFIX    ?= /usr/local
PKGCONFIG ?= pkg-config

CORES     := $(shell nproc)

LUADIR    ?= $(PREFIX)/share/lua/5.4
LIBDIR    ?= $(PREFIX)/lib/lua/5.4
JITLUADIR ?= $(PREFIX)/share/lua/5.1
JITLIBDIR ?= $(PREFIX)/lib/lua/5.1
BINDIR    ?= $(PREFIX)/bin
MANDIR    ?= $(PREFIX)/share/man
DATADIR   ?= $(PREFIX)/share

WARN  = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
HARD  = -fstack-protector-strong -D_FORTIFY_SOURCE=2
CFLAGS ?= -O2 -g
ifdef SANITIZE
HARD  = -fsanitize=$(SANITIZE) -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif
ifdef CI
WARN += -Werror
endif
VERSION := $(shell sed -n 's/^return "\(.*\)"$$/\1/p' lua/cme/version.lua)
C_ALL = -std=c11 -D_GNU_SOURCE -DCME_VERSION='"$(VERSION)"' -fPIC -fvisibility=hidden $(WARN) $(HARD) $(CFLAGS) -Isrc -MMD -MP

# What each artifact links. A folder of src/ is one artifact; src/common goes into every one. The engine's has folders
# of its own, and is linked from the libraries MEDIA, of which each knows those behind it; the programs on libavformat,
# which it starts, from those of AV_MEDIA.
LIBS_sign  = libcrypto
LIBS_http  = libcurl
LIBS_json_core =
LIBS_httpd = libmicrohttpd gnutls
LIBS_pidfd =
LIBS_av    = libavcodec libavutil
LIBS_child = jansson
LIBS_control = jansson
LIBS_rtmp  = libssl libcrypto
LIBS_relay = $(LIBS_rtmp) jansson
LIBS_edge  = $(LIBS_rtmp) jansson srt libseccomp
LIBS_push  = libavformat $(LIBS_av) jansson
LIBS_pull  = $(LIBS_av) libavformat libcurl jansson
MEDIA      = rtmp child control stream
READ       = relay/base relay/source
AV_MEDIA   = av child stream
LIBS_look  = $(LIBS_relay) $(LIBS_av) libswscale libswresample libebur128
LIBS_tests = $(sort $(LIBS_relay) $(LIBS_pull))
LUA54      = lua5.4
LUAJIT     = luajit

# what pkg-config says of libraries: asked once for each list of them, not for each file
space  := $(subst ,, )
once    = $(if $(filter undefined,$(origin $(1))),$(eval $(1) := $$(shell $(2))))$($(1))
flags   = $(call once,pkg$(1)$(subst $(space),,$(sort $(2))),$(PKGCONFIG) $(1) $(2))
cflags  = $(if $(strip $(1)),$(call flags,--cflags,$(1)))
ldlibs  = $(if $(strip $(1)),$(call flags,--libs,$(1)))
# the first folder of a path below src/
room    = $(firstword $(subst /, ,$(1)))
# all C of a folder of src/ and of the folders in it, but Lua bindings and main
plain   = $(filter-out %_lua.c %/main.c %/lua_border.c,$(wildcard $(foreach deep,* */* */*/*,src/$(1)/$(deep).c)))
objects = $(foreach room,$(1),$(patsubst src/%.c,$(BUILD)/obj/%.o,$(call plain,$(room))))
common  = $(call objects,common)
media   = $(MEDIA:%=$(BUILD)/lib/libcme_%.a)
# what the engine reads sources by, for the programs that read as it does
reading = $(call objects,$(READ))
avmedia = $(AV_MEDIA:%=$(BUILD)/lib/libcme_%.a)

CLIENT  = $(patsubst %,$(BUILD)/lib/lua/5.4/cme/%.so,sign http json_core)
RESTY   = $(patsubst %,$(BUILD)/lib/lua/5.1/cme/%.so,sign json_core)
SERVER  = $(patsubst %,$(BUILD)/lib/lua/5.4/cme/%.so,httpd pidfd secret_argument public_only) $(patsubst %,$(BUILD)/bin/%,cme-relay cme-edge cme-pull cme-push cme-look)

.PHONY: help deps env build client server resty spec demo room screenshots test bench bench-client bench-relay bench-ingest bench-picture bench-service bench-faults bench-look bench-look-run bench-look-cost codecs soak crash fleet-faults hostile coverage lint docs format asan tsan valgrind fuzz model install install-client install-server install-resty install-room dist clean
.DEFAULT_GOAL := build

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | expand -t 18

deps:  ## install what build, demo and test need (Debian packages)
	@tools/deps.sh

build: client server resty  ## build the modules and the engine
client: $(CLIENT)
server: $(SERVER)
resty: $(RESTY)

env:  ## print what a shell evaluates to use the checkout: eval "$$(make env)"
	@echo 'export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;"'
	@echo 'export LUA_CPATH="$(CURDIR)/$(BUILD)/lib/lua/5.4/?.so;;"'
	@echo 'export PATH="$(CURDIR)/bin:$(CURDIR)/$(BUILD)/bin:$$PATH"'

demo:  ## one source to three destinations, measured (installs what is missing)
	@if [ -t 0 ]; then tools/deps.sh room; else tools/deps.sh demo; fi
	@$(MAKE) --no-print-directory -s build
	@$(LUA) tools/demo.lua

room:  ## the control room in a browser, with a service of its own; ROOM_PASSWORD=... make room
	@tools/deps.sh room
	@$(MAKE) --no-print-directory -s build
	@CME_BUILD=$(BUILD) room/cme-room

test:  ## run every suite (installs what is missing); FILE=spec/... for one file or folder, CME_JOBS=N at a time
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s -j $(CORES) build spec
	@tools/test.sh $(FILE)

asan:  ## the same suites under AddressSanitizer and UBSan
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s -j $(CORES) build spec BUILD=build/asan SANITIZE=address,undefined CFLAGS="-O1 -g"
	@CME_BUILD=build/asan tools/test.sh

tsan:  ## the suites of engine and edge under ThreadSanitizer
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s -j $(CORES) $(addprefix build/tsan/bin/cme-,relay push edge) spec BUILD=build/tsan SANITIZE=thread CFLAGS="-O1 -g"
	@$(MAKE) --no-print-directory -s -j $(CORES) client
	@ln -sfn ../../lib/lua build/tsan/lib/lua # Lua, which loads them, is not instrumented
	@CME_BUILD=build/tsan tools/test.sh engine

valgrind:  ## the C modules under valgrind with an eager collector
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s build $(BUILD)/tools/reaper
	@CME_JOBS=$${CME_JOBS:-$(CORES)} tools/test.sh valgrind # it never waits

model:  ## the rules by which nodes share projects, for more epochs than `make test` has (500 MB of memory)
	@tools/deps.sh
	@spec/model/check.sh large

coverage:  ## how many lines of Lua and C the suites run (SUITES="c unit": those alone)
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s -j $(CORES) build spec BUILD=build/coverage CFLAGS="-O1 -g --coverage -DCME_NO_JAIL" LDFLAGS=--coverage
	@CME_BUILD=build/coverage $(LUA) tools/coverage.lua $(SUITES)

lint:  ## formatting, static analysis, banned calls
	@tools/deps.sh
	@tools/lint.sh

docs:  ## write docs/api.md, the types of all actions, the man page, docs/platforms.md, docs/conformance.md and the pictures of docs/internals
	$(LUA) tools/gen_docs.lua
	$(LUA) tools/gen_errors.lua
	$(LUA) tools/gen_internals.lua
	$(LUA) tools/gen_man.lua
	$(LUA) tools/gen_platforms.lua
	$(LUA) tools/gen_conformance.lua

screenshots:  ## make docs/control-room.png and docs/watch.png again
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s build
	@$(LUA) tools/screenshots.lua

format:  ## rewrite the C sources in the project's format
	clang-format -i $(shell git ls-files 'src/*.[ch]' 'spec/*.[ch]' 'bench/*/*.[ch]' 'tools/*.c')

# What is in which package: tools/packages. A command finds the rest of its package from where it stands itself.
INSTALL = DESTDIR="$(DESTDIR)" BINDIR="$(BINDIR)" MANDIR="$(MANDIR)" DATADIR="$(DATADIR)" BUILD="$(BUILD)"
install: install-client install-server install-resty  ## install under PREFIX

install-client: client
	@$(INSTALL) LUADIR="$(LUADIR)" LIBDIR="$(LIBDIR)" LUA_ABI=5.4 tools/install.sh client

install-server: server
	@$(INSTALL) LUADIR="$(LUADIR)" LIBDIR="$(LIBDIR)" LUA_ABI=5.4 tools/install.sh server

install-resty: resty  ## the client for LuaJIT in nginx
	@$(INSTALL) LUADIR="$(JITLUADIR)" LIBDIR="$(JITLIBDIR)" LUA_ABI=5.1 tools/install.sh resty

install-room: install-client install-resty  ## the control room: cme-room, with what it needs of cme
	@$(INSTALL) LUADIR="$(JITLUADIR)" LIBDIR="$(JITLIBDIR)" LUA_ABI=5.1 tools/install.sh room

bench: bench-client bench-relay bench-ingest bench-service bench-faults  ## beside public peers, as ratios; and the fault table

bench-client:  ## the client alone
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory -s build $(patsubst %,$(BUILD)/bench/client/%,timed floor parts)
	@$(LUA) bench/client.lua

bench-relay:  ## the engine alone, a quarter of an hour (OUTPUTS="1 5 20": only so many, ROUNDS=7 SECONDS=15 of each)
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory -s $(BUILD)/bin/cme-relay $(BUILD)/bin/cme-push $(BUILD)/bench/relay/floor
	@$(LUA) bench/relay.lua $(OUTPUTS)

bench-ingest:  ## the edge beside nginx-rtmp, alone and with the engine, and killed (PUBLISHERS="1 10", OUTPUTS="1 20": only so many, SECONDS: of each)
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory -s build $(BUILD)/bench/relay/floor
	@$(LUA) bench/ingest.lua $(PUBLISHERS)
	@$(LUA) bench/ingest/chain.lua $(OUTPUTS)
	@$(LUA) bench/ingest/kills.lua

bench-picture:  ## how far the control room's pictures are behind the encoder, and a switch (GOPS="1 2 5", SECONDS=30)
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s build
	@$(LUA) bench/picture.lua $(GOPS)

bench-service:  ## the service alone: what its answers cost, and how it fares under load
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory -s build
	@$(LUA) bench/pages.lua
	@$(LUA) bench/service.lua

bench-fleet:  ## a fleet's answers beside those of SQLite, 5,000 projects; and 1,000 projects on the air with simulated engines, a node lost
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s build $(BUILD)/bench/fleet/engine
	@$(LUA) bench/fleet/pages.lua
	@$(LUA) bench/fleet/many.lua

bench-faults:  ## what faulty destinations, switching, slates and merges do to a publish (PART=merge CASE="SRT beside RTMP": this alone)
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory -s build
	@$(LUA) bench/faults.lua "$(PART)" "$(CASE)"

codecs:  ## which codec comes in and goes out by which way, each cell from a run (CODECS="hevc opus", WAYS="RTMP HLS": these alone)
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s $(addprefix $(BUILD)/bin/cme-,relay pull push)
	@$(LUA) bench/codecs.lua "$(CODECS)" "$(WAYS)"

bench-look:  ## cme look beside broken broadcasts and good ones that look suspicious (SEED: of the films, CASES="black wrong")
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory -s build
	@$(LUA) bench/look.lua "$(SEED)" $(CASES)

bench-look-run:  ## cme run with ten destinations, of which five break in turn for their viewers (SEED: of the films)
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory -s build
	@$(LUA) bench/look/run.lua "$(SEED)"

bench-look-cost:  ## what a look at one output of 1080p30 costs, beside ffmpeg's detectors (SECONDS=60)
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory -s build
	@$(LUA) bench/look/cost.lua $(SECONDS)

soak:  ## the engine for SECONDS (default: an hour): memory, descriptors, drift
	@tools/deps.sh demo
	@$(MAKE) --no-print-directory -s $(BUILD)/bin/cme-relay $(BUILD)/bin/cme-push
	@$(LUA) bench/soak.lua $(SECONDS)

crash:  ## kill the service COUNT times (200) at random points under load; SEED repeats a run
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s build
	@$(LUA) bench/crash.lua "$(COUNT)" "$(SEED)"

fleet-faults:  ## three hosts of a fleet that are killed, cut off and stopped (ROUNDS=24 SEED=N PROJECTS=20 PUSHED=0 LEASE=3 GOP=1 KINDS="host lost" EACH=N; UNFENCED=1 must fail; SUM=1 shows all runs)
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s build $(FLEET)
	@ROUNDS="$(ROUNDS)" SEED="$(SEED)" PROJECTS="$(PROJECTS)" PUSHED="$(PUSHED)" LEASE="$(LEASE)" GOP="$(GOP)" KINDS="$(KINDS)" EACH="$(EACH)" UNFENCED="$(UNFENCED)" \
		KEEP="$(KEEP)" RESULTS="$(RESULTS)" SUM="$(SUM)" $(LUA) bench/fleet.lua

fleet-sdk:  ## the official Node SDK against three nodes behind a balancer, of which one is killed every 20 s (KILLS=15 EVERY=20 SEED=N)
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s build
	@KILLS="$(KILLS)" EVERY="$(EVERY)" SEED="$(SEED)" $(LUA) bench/fleet/sdk.lua

hostile:  ## cme-edge among hostile encoders (SESSIONS=100000 changed ones, HELD=10000 connections; SEED repeats a run)
	@tools/deps.sh
	@$(MAKE) --no-print-directory -s build
	@ulimit -n "$$(ulimit -H -n)" && $(LUA) bench/hostile.lua "$(SESSIONS)" "$(HELD)" "$(SEED)"

dist:  ## the archive and rockspecs of a release in build/dist (DIST_URL= where the archive will be found)
	@tools/dist.sh build/dist "$(VERSION)" $(DIST_URL)

clean:  ## remove everything built
	rm -rf build

# ---- compiling: $(BUILD)/obj for plain C, obj54 and obj51 for what includes Lua's headers

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(C_ALL) $(call cflags,$(LIBS_$(call room,$*))) -c $< -o $@
$(BUILD)/obj54/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(C_ALL) $(call cflags,$(LUA54)) -c $< -o $@
$(BUILD)/obj51/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(C_ALL) $(call cflags,$(LUAJIT)) -c $< -o $@

# the version is compiled into the programs
$(foreach folder,relay edge pull push look $(MEDIA) av,$(call objects,$(folder))) $(patsubst %,$(BUILD)/obj/%/main.o,relay edge pull push look): lua/cme/version.lua

# ---- linking: lib/lua/<abi>/cme/<name>.so from src/<name>
define module
$(BUILD)/lib/lua/$(2)/cme/$(1).so: $(patsubst src/%.c,$(BUILD)/obj/%.o,$(call plain,$(1))) \
    $(patsubst src/%.c,$(BUILD)/$(3)/%.o,$(wildcard src/$(1)/*_lua.c)) $(BUILD)/$(3)/common/lua_border.o $(common)
	@mkdir -p $$(@D)
	$$(CC) -shared $$(HARD) $$(LDFLAGS) -o $$@ $$^ $$(call ldlibs,$$(LIBS_$(1)))
endef
$(eval $(call module,sign,5.4,obj54))
$(eval $(call module,sign,5.1,obj51))
$(eval $(call module,json_core,5.4,obj54))
$(eval $(call module,json_core,5.1,obj51))
$(eval $(call module,http,5.4,obj54))
$(eval $(call module,httpd,5.4,obj54))
$(eval $(call module,pidfd,5.4,obj54))

# ---- the libraries of the media path: $(BUILD)/lib/libcme_<name>.a from src/<name>
define library
$(BUILD)/lib/libcme_$(1).a: $(call objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcs $$@ $$^
endef
$(foreach name,$(sort $(MEDIA) $(AV_MEDIA)),$(eval $(call library,$(name))))

$(BUILD)/bin/cme-relay: $(call objects,relay) $(BUILD)/obj/relay/main.o $(media) $(common)
	@mkdir -p $(@D)
	$(CC) $(HARD) $(LDFLAGS) -o $@ $^ $(call ldlibs,$(LIBS_relay)) -pthread -lm

$(BUILD)/bin/cme-push: $(call objects,push) $(BUILD)/obj/push/main.o $(avmedia) $(common)
	@mkdir -p $(@D)
	$(CC) $(HARD) $(LDFLAGS) -o $@ $^ $(call ldlibs,$(LIBS_push)) -lm

# One demuxer's crash is one input's: what reads sources is a program of its own.
$(BUILD)/bin/cme-pull: $(call objects,pull) $(BUILD)/obj/pull/main.o $(avmedia) $(common)
	@mkdir -p $(@D)
	$(CC) $(HARD) $(LDFLAGS) -o $@ $^ $(call ldlibs,$(LIBS_pull)) -pthread -lm

$(BUILD)/bin/cme-edge: $(call objects,edge) $(BUILD)/obj/edge/main.o $(media) $(common)
	@mkdir -p $(@D)
	$(CC) $(HARD) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(call ldlibs,$(LIBS_edge)) -pthread -lm

$(BUILD)/bin/cme-look: $(call objects,look) $(BUILD)/obj/look/main.o $(reading) $(BUILD)/lib/libcme_av.a $(media) $(common)
	@mkdir -p $(@D)
	$(CC) $(HARD) $(LDFLAGS) -o $@ $^ $(call ldlibs,$(LIBS_look)) -pthread -lm

# Loaded into ffmpeg, which is nobody's build of ours: never with a sanitizer.
preloaded = $(BUILD)/lib/lua/5.4/cme/secret_argument.so $(BUILD)/lib/lua/5.4/cme/public_only.so
$(preloaded): $(BUILD)/lib/lua/5.4/cme/%.so: src/playout/%.c
	@mkdir -p $(@D)
	$(CC) -shared -std=c11 -D_GNU_SOURCE -Isrc -fPIC -fvisibility=hidden $(WARN) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^)
$(BUILD)/lib/lua/5.4/cme/public_only.so: src/common/address.c

# ---- what the benches compare with, and measure by
$(BUILD)/bench/client/%: bench/client/%.c
	@mkdir -p $(@D)
	$(CC) $(C_ALL) $(call cflags,libcurl libcrypto) -o $@ $< $(LDFLAGS) $(call ldlibs,libcurl libcrypto)
$(BUILD)/bench/client/parts: bench/client/floor.c
	@mkdir -p $(@D)
	$(CC) $(C_ALL) -DPARTS $(call cflags,libcurl libcrypto $(LUA54)) -o $@ $< $(LDFLAGS) \
	    $(call ldlibs,libcurl libcrypto $(LUA54))

# ---- C tests: spec/c/<folder>/<name>_test.c links everything of src/<folder> but its Lua binding and main, and the
# libraries behind it; of a library's own tests, the library
# spec/regress/NN-what_test.c: a fault of the engine that was found in use, at its smallest
# pulled: all of cme-pull, but what stands in a symbol's place of the C library
pulled = $(filter-out %/getaddrinfo.o,$(call objects,pull))
TESTS = $(patsubst spec/c/%.c,$(BUILD)/spec/%,$(wildcard $(foreach deep,* */* */*/* */*/*/*,spec/c/$(deep)_test.c))) \
    $(patsubst spec/%.c,$(BUILD)/spec/%,$(wildcard spec/regress/*_test.c))
FLEET = $(patsubst %,$(BUILD)/bench/fleet/%,judge delay unfenced.so)
spec: $(TESTS) $(BUILD)/bin/cme-pull $(BUILD)/tools/reaper $(BUILD)/tools/lines.so $(FLEET)

# 1: the tests' folder below $(BUILD)/spec, 2: where their sources are, 3: the folder of src/ whose libraries they
# need, 4: what is linked, in this order, before src/common
define folder_tests
$(BUILD)/spec/$(1)/%: $(2)/%.c $(4) $(common)
	@mkdir -p $$(@D)
	$$(CC) $$(C_ALL) -DCME_PROGRAMS='"$(BUILD)/bin"' -fvisibility=default $$(call cflags,cmocka $$(LIBS_$(3))) -o $$@ $$(filter %.c %.o %.a,$$^) \
	    $$(LDFLAGS) $$(call ldlibs,cmocka $$(LIBS_$(3))) -pthread -lm
endef
$(eval $(call folder_tests,common,spec/c/common,common,))
$(foreach name,sign json_core http httpd,$(eval $(call folder_tests,$(name),spec/c/$(name),$(name),$(call objects,$(name)))))
$(eval $(call folder_tests,stream,spec/c/stream,stream,$(BUILD)/lib/libcme_stream.a))
$(eval $(call folder_tests,control,spec/c/control,control,$(BUILD)/lib/libcme_control.a))
$(eval $(call folder_tests,child,spec/c/child,child,$(BUILD)/lib/libcme_child.a))
$(eval $(call folder_tests,av,spec/c/av,push,$(BUILD)/lib/libcme_av.a $(BUILD)/lib/libcme_stream.a))
$(eval $(call folder_tests,rtmp,spec/c/rtmp,rtmp,$(media)))
$(eval $(call folder_tests,relay,spec/c/relay,relay,$(call objects,relay) $(media)))
$(eval $(call folder_tests,edge,spec/c/edge,edge,$(call objects,edge) $(media)))
$(eval $(call folder_tests,look,spec/c/look,look,$(call objects,look) $(reading) $(BUILD)/lib/libcme_av.a $(media)))
$(eval $(call folder_tests,push,spec/c/push,push,$(call objects,push) $(avmedia)))
$(eval $(call folder_tests,pull,spec/c/pull,pull,$(pulled) $(avmedia)))
$(eval $(call folder_tests,regress,spec/regress,tests,$(call objects,relay push) $(pulled) $(BUILD)/lib/libcme_rtmp.a $(BUILD)/lib/libcme_control.a $(avmedia)))

# The runner's: never with a sanitizer, it only waits.
$(BUILD)/tools/%: tools/%.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -o $@ $<

# ---- what the benches compare with
$(BUILD)/bench/relay/%: bench/relay/%.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -o $@ $<

# ---- what judges the fleet: the platform that refuses nobody, the slow way, and what switches the fences off
$(BUILD)/bench/fleet/%: bench/fleet/%.c $(BUILD)/obj/edge/endpoint.o $(BUILD)/lib/libcme_rtmp.a $(BUILD)/lib/libcme_stream.a $(common)
	@mkdir -p $(@D)
	$(CC) $(C_ALL) $(LDFLAGS) -o $@ $^ $(call ldlibs,$(LIBS_rtmp))
# Loaded into each Lua of `make coverage`, where gcov's counters would count it, too.
$(BUILD)/tools/lines.so: tools/coverage/lines.c
	@mkdir -p $(@D)
	$(CC) -shared -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARN) -O2 -g $(call cflags,$(LUA54)) -Wl,-z,nodelete -o $@ $<
$(BUILD)/bench/fleet/engine: bench/fleet/engine.c $(BUILD)/lib/libcme_control.a $(common)
	@mkdir -p $(@D)
	$(CC) $(C_ALL) $(call cflags,$(LIBS_control)) -o $@ $(filter %.c %.a %.o,$^) $(LDFLAGS) $(call ldlibs,$(LIBS_control))
# Loaded into programs of others too: never with a sanitizer.
$(BUILD)/bench/fleet/unfenced.so: bench/fleet/unfenced.c
	@mkdir -p $(@D)
	$(CC) -shared -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARN) $(CFLAGS) -o $@ $<

# ---- fuzz targets: spec/fuzz/<name>_fuzz.c over the sources of the engine and one of src/httpd, or json_fuzz over
# cme.json; seeds in spec/fuzz/<name>_seeds
FUZZERS = $(patsubst spec/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard spec/fuzz/*_fuzz.c))
FUZZED  = $(patsubst src/%.c,$(BUILD)/fuzz/obj/%.o,$(foreach folder,relay edge $(MEDIA) common,$(call plain,$(folder))) \
    src/httpd/message.c src/pull/av/m3u8.c)
FUZZ_LIBS = $(sort $(LIBS_relay) $(LIBS_edge) libavformat libavutil)
FUZZ_SECONDS ?= 60
FUZZ_C  = clang -std=c11 -D_GNU_SOURCE -DCME_VERSION='"$(VERSION)"' -Isrc -O1 -g -fno-sanitize-recover=undefined
FUZZ_CC = $(FUZZ_C) -fsanitize=fuzzer,address,undefined

fuzz: $(FUZZERS)  ## what reads bytes of others, under libFuzzer for FUZZ_SECONDS each
	@set -e; for f in $(FUZZERS); do \
	    mkdir -p $$f.corpus; seeds=spec/fuzz/$$(basename $$f _fuzz)_seeds; [ -d $$seeds ] || seeds=; \
	    $$f -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -artifact_prefix=$$f. $$f.corpus $$seeds; done

$(BUILD)/fuzz/json_fuzz: spec/fuzz/json_fuzz.c $(wildcard src/json_core/*.c) src/common/buf.c src/common/err.c \
    src/common/lua_border.c src/common/redact.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(call cflags,$(LUA54)) -o $@ $^ $(call ldlibs,$(LUA54)) -lm

$(BUILD)/fuzz/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(FUZZ_C) -fsanitize=fuzzer-no-link,address,undefined $(call cflags,$(LIBS_$(call room,$*))) -MMD -MP -c $< -o $@
$(BUILD)/fuzz/cipher_fuzz: $(BUILD)/fuzz/obj/pull/av/cipher.o
$(BUILD)/fuzz/options_fuzz: $(BUILD)/fuzz/obj/av/options.o
$(BUILD)/fuzz/keyring_fuzz: $(foreach name,base64 keyring seal digest,$(BUILD)/fuzz/obj/sign/$(name).o)
$(BUILD)/fuzz/%: spec/fuzz/%.c $(FUZZED)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(call cflags,$(FUZZ_LIBS)) -o $@ $^ $(call ldlibs,$(FUZZ_LIBS)) -pthread -lm
.SECONDARY: $(FUZZED)

-include $(wildcard $(foreach deep,* */* */*/* */*/*/*,$(BUILD)/obj*/$(deep).d $(BUILD)/fuzz/obj/$(deep).d $(BUILD)/spec/$(deep).d))
