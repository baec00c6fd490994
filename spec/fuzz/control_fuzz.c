/* SPDX-License-Identifier: MIT
 *
 * One line of the control protocol, as anyone with access to the socket may send it: parsed, and if it
 * is a state, copied and compared. With libFuzzer:
 *   clang -fsanitize=fuzzer,address,undefined ... spec/fuzz/control_fuzz.c (see `make fuzz`)
 * With -DCME_FUZZ_MAIN it runs the files named on the command line once each.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "relay/control/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *ctx, const struct cme_change *change)
{
	unsigned *count = ctx;

	*count += change->kind != CME_ACTIVE_CHANGED;
}

/* A state differs from none by what it has, and not at all from its copy. */
static void check_spec(const struct cme_spec *spec)
{
	struct cme_spec copy, none;
	unsigned from_none = 0, from_copy = 0;

	cme_spec_init(&none);
	if (cme_spec_copy(&copy, spec) != 0)
		return;
	cme_spec_diff(&none, spec, ignore, &from_none);
	cme_spec_diff(&copy, spec, ignore, &from_copy);
	if (from_copy != 0 ||
	    from_none != spec->outputs_count + !!spec->input[0].count + !!spec->input[1].count)
		abort();
	cme_spec_fini(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cme_control_request request;
	struct cme_err err;
	int rc = cme_control_request_parse((const char *)data, size, &request, &err);
	json_t *answer =
		rc == 0 ? cme_answer_ok(request.id, json_object()) : cme_answer_error(request.id, &err);

	if (!answer)
		abort();
	if (rc == 0 && request.op == CME_OP_SET)
		check_spec(&request.spec);
	json_decref(answer);
	cme_control_request_fini(&request);
	return 0;
}

#ifdef CME_FUZZ_MAIN
static int run_file(const char *path)
{
	static uint8_t data[2 * 1024 * 1024];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file)
		return -1;
	size = fread(data, 1, sizeof data, file);
	fclose(file);
	return LLVMFuzzerTestOneInput(data, size);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (run_file(argv[i]) == 0)
			continue;
		perror(argv[i]);
		return 1;
	}
	printf("%d seeds\n", argc - 1);
	return 0;
}
#endif
