/* SPDX-License-Identifier: MIT */
#include "relay/merge/print.h"

#include <stdbool.h>

#include "stream/nal/nal.h"

#define RECORD_VERSION 1 /* first byte of an avcC or hvcC record */
#define AVCC_PREFIX    4 /* where a record has the size of the length prefixes */
#define HVCC_PREFIX    21
#define AV1_SIZE_MAX   8 /* bytes of a leb128 */

/* FNV-1a of 64 bits (the IETF's draft-eastlake-fnv): nobody chooses payloads to be taken for each other. */
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static void add(uint64_t *hash, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*hash = (*hash ^ data[i]) * FNV_PRIME;
}

static bool added_to_h264(const uint8_t *unit)
{
	static const bool added[32] = { [7] = true,  [8] = true,  [9] = true,  [10] = true,
					[11] = true, [12] = true, [13] = true, [15] = true };

	return added[unit[0] & 0x1f];
}

static bool added_to_hevc(const uint8_t *unit)
{
	int type = unit[0] >> 1 & 0x3f;

	return type >= 32 && type <= 38;
}

static size_t prefix_of(const struct cme_params *par)
{
	size_t at = par->codec == CME_CODEC_H264 ? AVCC_PREFIX : HVCC_PREFIX;

	if (par->extradata_len <= at || par->extradata[0] != RECORD_VERSION)
		return 0;
	return (size_t)(par->extradata[at] & 3) + 1;
}

static void add_units(uint64_t *hash, const struct cme_params *par, const uint8_t *data, size_t len)
{
	bool (*added)(const uint8_t *) = par->codec == CME_CODEC_H264 ? added_to_h264 : added_to_hevc;
	struct cme_nal_units units = cme_nal_units(data, len, prefix_of(par));
	const uint8_t *unit;
	size_t unit_len;

	while (cme_nal_next(&units, &unit, &unit_len)) {
		while (unit_len && unit[unit_len - 1] == 0) /* trailing zeros are of the start codes' form */
			unit_len--;
		if (unit_len && !added(unit))
			add(hash, unit, unit_len);
	}
}

/* The size of an OBU with its header; 0: to the end. */
static size_t obu_size(const uint8_t *data, size_t len)
{
	size_t at = data[0] & 4 ? 2 : 1;
	uint64_t value = 0;

	if (!(data[0] & 2))
		return 0;
	for (int i = 0; i < AV1_SIZE_MAX && at < len; i++) {
		uint8_t byte = data[at++];

		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80))
			return value <= len - at ? at + (size_t)value : 0;
	}
	return 0;
}

static void add_obus(uint64_t *hash, const uint8_t *data, size_t len)
{
	enum { TEMPORAL_DELIMITER = 2, PADDING = 15 };

	while (len) {
		int type = data[0] >> 3 & 0xf;
		size_t size = obu_size(data, len);

		if (size == 0)
			size = len;
		if (type != TEMPORAL_DELIMITER && type != PADDING)
			add(hash, data, size);
		data += size;
		len -= size;
	}
}

uint64_t cme_print(const struct cme_params *par, const uint8_t *data, size_t len)
{
	uint64_t hash = FNV_BASIS;

	if (par->codec == CME_CODEC_H264 || par->codec == CME_CODEC_HEVC)
		add_units(&hash, par, data, len);
	else if (par->codec == CME_CODEC_AV1)
		add_obus(&hash, data, len);
	else
		add(&hash, data, len);
	return hash;
}
