/* SPDX-License-Identifier: MIT
 *
 * What a child process says, which its source or its destination may have taken over.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "child/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cme_report_reader reader;
	struct cme_err err;
	json_t *line;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0 || write(fds[1], data, size) != (ssize_t)size)
		return 0;
	close(fds[1]);
	cme_report_reader_init(&reader);
	while ((line = cme_report_read(&reader, fds[0]))) {
		if (cme_report_to_err(line, &err)) {
			size_t values = 0;

			for (unsigned i = 0; i < err.phrase_count; i++)
				values += err.phrases[i].count;
			for (size_t i = 0; i < values; i++)
				assert(cme_err_value(&err, i) + strlen(cme_err_value(&err, i)) <
				       err.values + sizeof err.values);
		}
		json_decref(line);
	}
	assert(reader.ended);
	close(fds[0]);
	return 0;
}
