/* SPDX-License-Identifier: MIT
 *
 * Any bytes as AMF0: a value read never reaches past its input, and what is found in an object lies inside
 * it.
 */
#include "rtmp/amf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cme_amf_value value, member;
	size_t at = 0, n;

	while ((n = cme_amf_read(data + at, size - at, &value)) != 0) {
		if (n > size - at)
			abort();
		if (cme_amf_find(&value, "code", &member) && member.data &&
		    (member.data < data || member.data + member.len > data + size))
			abort();
		at += n;
	}
	return 0;
}
