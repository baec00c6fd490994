/* SPDX-License-Identifier: MIT */
#include "stream/nal/nal.h"

uint32_t cme_bits_get(struct cme_bits *bits, unsigned n)
{
	uint32_t value = 0;

	while (n--) {
		if (bits->pos >= bits->count) {
			bits->failed = true;
			return 0;
		}
		value = value << 1 | (((uint32_t)bits->data[bits->pos / 8] >> (7 - bits->pos % 8)) & 1u);
		bits->pos++;
	}
	return value;
}

uint32_t cme_bits_ue(struct cme_bits *bits)
{
	unsigned zeros = 0;

	while (!bits->failed && cme_bits_get(bits, 1) == 0)
		if (++zeros > 31)
			bits->failed = true;
	return bits->failed ? 0 : (uint32_t)((1ull << zeros) - 1 + cme_bits_get(bits, zeros));
}

int32_t cme_bits_se(struct cme_bits *bits)
{
	uint32_t code = cme_bits_ue(bits);

	return code & 1 ? (int32_t)(code / 2 + 1) : -(int32_t)(code / 2);
}

size_t cme_nal_unescape(const uint8_t *unit, size_t len, uint8_t *out, size_t size)
{
	size_t n = 0, zeros = 0;

	for (size_t i = 0; i < len && n < size; i++) {
		if (zeros >= 2 && unit[i] == 3) {
			zeros = 0;
			continue;
		}
		zeros = unit[i] ? 0 : zeros + 1;
		out[n++] = unit[i];
	}
	return n;
}

struct cme_nal_units cme_nal_units(const uint8_t *data, size_t len, size_t prefix)
{
	return (struct cme_nal_units){ .data = data, .len = len, .prefix = prefix };
}

/* The next unit among start codes; its bytes are without them. */
static bool next_by_code(struct cme_nal_units *units, const uint8_t **unit, size_t *unit_len)
{
	const uint8_t *data = units->data;
	size_t len = units->len, begin = units->pos, end;

	while (begin + 3 <= len && !(data[begin] == 0 && data[begin + 1] == 0 && data[begin + 2] == 1))
		begin++;
	if (begin + 3 >= len)
		return false;
	begin += 3;
	for (end = begin; end + 3 <= len; end++)
		if (data[end] == 0 && data[end + 1] == 0 && data[end + 2] <= 1)
			break;
	if (end + 3 > len)
		end = len;
	units->pos = end;
	while (end > begin && data[end - 1] == 0)
		end--;
	*unit = data + begin;
	*unit_len = end - begin;
	return true;
}

bool cme_nal_next(struct cme_nal_units *units, const uint8_t **unit, size_t *unit_len)
{
	size_t len = 0;

	if (units->prefix == 0)
		return next_by_code(units, unit, unit_len);
	if (units->len - units->pos < units->prefix)
		return false;
	for (size_t i = 0; i < units->prefix; i++)
		len = len << 8 | units->data[units->pos++];
	if (len > units->len - units->pos)
		return false;
	*unit = units->data + units->pos;
	*unit_len = len;
	units->pos += len;
	return true;
}

int cme_nal_append(struct cme_buf *out, const uint8_t *unit, size_t len, size_t size_bytes)
{
	uint8_t size[4] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len };

	if (size_bytes < 4 && len >> (8 * size_bytes))
		return -1;
	if (cme_buf_append(out, size + 4 - size_bytes, size_bytes) != 0)
		return -1;
	return cme_buf_append(out, unit, len);
}
