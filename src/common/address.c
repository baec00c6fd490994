/* SPDX-License-Identifier: MIT */
#include "common/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct {
	uint8_t bytes[4];
	unsigned bits;
} reserved4[] = {
	{ { 0 }, 8 },
	{ { 10 }, 8 },
	{ { 100, 64 }, 10 },
	{ { 127 }, 8 },
	{ { 169, 254 }, 16 },
	{ { 172, 16 }, 12 },
	{ { 192, 0, 0 }, 24 },
	{ { 192, 0, 2 }, 24 },
	{ { 192, 88, 99 }, 24 },
	{ { 192, 168 }, 16 },
	{ { 198, 18 }, 15 },
	{ { 198, 51, 100 }, 24 },
	{ { 203, 0, 113 }, 24 },
	{ { 224 }, 4 },
	{ { 240 }, 4 },
};

/* Within 2000::/3, outside of which nothing is public but what carries version 4. */
static const struct {
	uint8_t bytes[16];
	unsigned bits;
} reserved6[] = { { { 0x20, 0x01 }, 23 }, { { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, { { 0x3f, 0xff }, 20 } };

/* Prefixes with an address of version 4 behind them: mapped, NAT64, 6to4. */
static const struct {
	uint8_t bytes[16];
	unsigned bits;
	size_t at;
} carriers[] = {
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96, 12 },
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, 12 },
	{ { 0x20, 0x02 }, 16, 2 },
};

static bool begins_with(const uint8_t *bytes, const uint8_t *prefix, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(bytes, prefix, bits / 8) != 0)
		return false;
	return rest == 0 || (bytes[bits / 8] ^ prefix[bits / 8]) >> (8 - rest) == 0;
}

static bool public4(const uint8_t *bytes)
{
	for (size_t i = 0; i < sizeof reserved4 / sizeof reserved4[0]; i++)
		if (begins_with(bytes, reserved4[i].bytes, reserved4[i].bits))
			return false;
	return true;
}

static bool public6(const uint8_t *bytes)
{
	for (size_t i = 0; i < sizeof carriers / sizeof carriers[0]; i++)
		if (begins_with(bytes, carriers[i].bytes, carriers[i].bits))
			return public4(bytes + carriers[i].at);
	for (size_t i = 0; i < sizeof reserved6 / sizeof reserved6[0]; i++)
		if (begins_with(bytes, reserved6[i].bytes, reserved6[i].bits))
			return false;
	return bytes[0] >> 5 == 1;
}

static const uint8_t *bytes_of(const struct sockaddr *address)
{
	return address->sa_family == AF_INET
		       ? (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr
		       : (const void *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
}

bool cme_address_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return public4(bytes_of(address));
	return address->sa_family == AF_INET6 && public6(bytes_of(address));
}

const char *cme_address_text(const struct sockaddr *address, char *out, unsigned size)
{
	if ((address->sa_family != AF_INET && address->sa_family != AF_INET6) ||
	    !inet_ntop(address->sa_family, bytes_of(address), out, size))
		snprintf(out, size, "?");
	return out;
}
