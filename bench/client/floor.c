/* SPDX-License-Identifier: MIT
 *
 * The floor of the client bench: what OpenSSL and libcurl cost by themselves.
 *
 *   floor sign PAYLOAD COUNT                           TC3 with the day's key and all contexts kept
 *   floor call PAYLOAD URL CA WARM COUNT FLIGHT        POSTs of a fixed text, nothing encoded, signed or read
 *
 * Built with PARTS it is the bench's second floor, what no client in Lua can leave out: each call encodes a
 * Lua table by lua-cjson, signs the text, sends it by libcurl and has lua-cjson read the answer. Nothing is
 * checked.
 *
 * One easy handle after another on one connection when FLIGHT is 1, else that many on a multi handle. CA is a
 * file, or "-". WARM calls are made first and not counted. Prints microseconds per piece: wall, CPU.
 */
#include <curl/curl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef PARTS
#include <lauxlib.h>
#include <lualib.h>
#endif

#define PAYLOAD_MAX 65536
#define FLIGHT_MAX  1024
#define HEX_SIZE    65
#define SERVICE     "cme"
#define HOST        "cme.tencentcloudapi.com"
#define SECRET_ID   "benchid0123456789"

struct sizes {
	const char *url, *ca_file;
	long flight;
};

struct answer {
	char text[4096];
	size_t len;
	struct curl_slist *lines; /* PARTS: of the call under way */
};

static char payload[PAYLOAD_MAX];
static size_t payload_len;

static void fail(const char *what)
{
	fprintf(stderr, "floor: %s\n", what);
	exit(1);
}

static void read_payload(const char *path)
{
	FILE *file = fopen(path, "rb");

	if (!file)
		fail("the payload cannot be read");
	payload_len = fread(payload, 1, sizeof payload - 1, file);
	fclose(file);
}

static double clock_us(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* ---- signing */

struct signer {
	EVP_MD *sha256;
	EVP_MD_CTX *hash;
	EVP_MAC_CTX *mac; /* keyed with the day's key */
};

static void hex(const unsigned char *bytes, char *out)
{
	static const char DIGITS[] = "0123456789abcdef";

	for (size_t i = 0; i < 32; i++) {
		*out++ = DIGITS[bytes[i] >> 4];
		*out++ = DIGITS[bytes[i] & 15];
	}
	*out = '\0';
}

static void hash_hex(struct signer *signer, const char *text, size_t len, char *out)
{
	unsigned char bytes[32];

	if (!EVP_DigestInit_ex2(signer->hash, signer->sha256, NULL) ||
	    !EVP_DigestUpdate(signer->hash, text, len) || !EVP_DigestFinal_ex(signer->hash, bytes, NULL))
		fail("SHA-256");
	hex(bytes, out);
}

static void open_signer(struct signer *signer)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
		OSSL_PARAM_construct_end(),
	};
	static const unsigned char day_key[32] = "the day's key, derived once.....";

	signer->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	signer->hash = EVP_MD_CTX_new();
	signer->mac = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
	if (!signer->sha256 || !signer->hash || !signer->mac ||
	    !EVP_MAC_init(signer->mac, day_key, sizeof day_key, params))
		fail("OpenSSL");
}

static void authorize(struct signer *signer, const char *body, size_t body_len, long timestamp, char *out,
		      size_t size)
{
	char digest[HEX_SIZE], text[1024];
	unsigned char bytes[32];
	size_t len;

	hash_hex(signer, body, body_len, digest);
	len = (size_t)snprintf(text, sizeof text,
			       "POST\n/\n\ncontent-type:application/json\nhost:%s\n\ncontent-type;host\n%s",
			       HOST, digest);
	hash_hex(signer, text, len, digest);
	len = (size_t)snprintf(text, sizeof text, "TC3-HMAC-SHA256\n%ld\n2019-10-29/%s/tc3_request\n%s",
			       timestamp, SERVICE, digest);
	if (!EVP_MAC_init(signer->mac, NULL, 0, NULL) ||
	    !EVP_MAC_update(signer->mac, (const unsigned char *)text, len) ||
	    !EVP_MAC_final(signer->mac, bytes, &len, sizeof bytes))
		fail("HMAC");
	hex(bytes, digest);
	snprintf(out, size,
		 "TC3-HMAC-SHA256 Credential=%s/2019-10-29/%s/tc3_request, SignedHeaders=content-type;host, "
		 "Signature=%s",
		 SECRET_ID, SERVICE, digest);
}

static void sign(long count)
{
	struct signer signer;
	char out[512];

	open_signer(&signer);
	for (long i = 0; i < count; i++)
		authorize(&signer, payload, payload_len, 1572307200 + i % 86400, out, sizeof out);
}

/* ---- calls */

static size_t take(char *data, size_t size, size_t count, void *arg)
{
	struct answer *answer = arg;
	size_t len = size * count;

	if (len > sizeof answer->text - answer->len)
		return 0;
	memcpy(answer->text + answer->len, data, len);
	answer->len += len;
	return len;
}

static struct curl_slist *headers(const char *authorization, const char *timestamp)
{
	const char *const lines[] = {
		"Content-Type: application/json", "Host: " HOST, authorization, "X-TC-Action: CreateProject",
		"X-TC-Version: 2019-10-29",       timestamp,
	};
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		list = curl_slist_append(list, lines[i]);
	return list;
}

static struct answer *answer_of(CURL *easy)
{
	struct answer *answer = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&answer);
	return answer;
}

#ifdef PARTS
static struct signer signer;
static lua_State *lua; /* at 1 cjson.encode, at 2 cjson.decode, at 3 the request as a table */

static void open_parts(void)
{
	open_signer(&signer);
	lua = luaL_newstate();
	luaL_openlibs(lua);
	if (luaL_dostring(lua, "local cjson = require 'cjson' return cjson.encode, cjson.decode"))
		fail(lua_tostring(lua, -1));
	lua_pushvalue(lua, 2);
	lua_pushlstring(lua, payload, payload_len);
	lua_call(lua, 1, 1);
}

static void before_call(CURL *easy)
{
	struct answer *answer = answer_of(easy);
	char authorization[512] = "Authorization: ", timestamp[64];
	long now = (long)time(NULL);
	const char *body;
	size_t len;

	lua_pushvalue(lua, 1);
	lua_pushvalue(lua, 3);
	lua_call(lua, 1, 1);
	body = lua_tolstring(lua, -1, &len);
	authorize(&signer, body, len, now, authorization + strlen(authorization),
		  sizeof authorization - strlen(authorization));
	snprintf(timestamp, sizeof timestamp, "X-TC-Timestamp: %ld", now);
	curl_slist_free_all(answer->lines);
	answer->lines = headers(authorization, timestamp);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, answer->lines);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)len);
	curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body);
	lua_pop(lua, 1);
}

static void after_call(const struct answer *answer)
{
	lua_pushvalue(lua, 2);
	lua_pushlstring(lua, answer->text, answer->len);
	lua_call(lua, 1, 1);
	lua_getfield(lua, -1, "Response");
	lua_getfield(lua, -1, "ProjectId");
	if (!lua_isstring(lua, -1))
		fail("no ProjectId");
	lua_settop(lua, 3);
}
#else
static void open_parts(void)
{
}

static void before_call(CURL *easy)
{
	(void)easy;
}

static void after_call(const struct answer *answer)
{
	(void)answer;
}
#endif

static CURL *open_easy(const struct sizes *sizes, struct curl_slist *lines)
{
	CURL *easy = curl_easy_init();
	struct answer *answer = calloc(1, sizeof *answer);

	curl_easy_setopt(easy, CURLOPT_URL, sizes->url);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 60000L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, payload);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)payload_len);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, answer);
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
	if (strcmp(sizes->ca_file, "-") != 0)
		curl_easy_setopt(easy, CURLOPT_CAINFO, sizes->ca_file);
	return easy;
}

static void judge(CURL *easy, CURLcode result)
{
	struct answer *answer = answer_of(easy);
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (result != CURLE_OK || status != 200 || answer->len == 0)
		fail(result != CURLE_OK ? curl_easy_strerror(result) : "not an answer of the stub");
	after_call(answer);
	answer->len = 0;
}

static void one_by_one(CURL *easy, long count)
{
	for (long i = 0; i < count; i++) {
		before_call(easy);
		judge(easy, curl_easy_perform(easy));
	}
}

static void start_call(CURLM *multi, CURL *easy)
{
	before_call(easy);
	curl_multi_add_handle(multi, easy);
}

/* Gives each handle another call as soon as it is done with the last. A handle is made when it is first
 * needed, as a client's are. */
static void in_flight(const struct sizes *sizes, CURLM *multi, struct curl_slist *lines, long count)
{
	static CURL *handles[FLIGHT_MAX];
	long started = 0, done = 0;
	int running, left;
	CURLMsg *message;

	for (; started < sizes->flight && started < count; started++) {
		if (!handles[started])
			handles[started] = open_easy(sizes, lines);
		start_call(multi, handles[started]);
	}
	while (done < count) {
		curl_multi_perform(multi, &running);
		while ((message = curl_multi_info_read(multi, &left))) {
			CURL *easy = message->easy_handle;

			judge(easy, message->data.result);
			done++;
			curl_multi_remove_handle(multi, easy);
			if (started < count) {
				started++;
				start_call(multi, easy);
			}
		}
		if (done < count)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
}

static void calls(const struct sizes *sizes, long warm, long count, double us[2])
{
	struct curl_slist *lines =
		headers("Authorization: TC3-HMAC-SHA256 Credential=" SECRET_ID "/2019-10-29/cme/tc3_request, "
			"SignedHeaders=content-type;host, "
			"Signature=0000000000000000000000000000000000000000000000000000000000000000",
			"X-TC-Timestamp: 1572307200");
	CURLM *multi = sizes->flight > 1 ? curl_multi_init() : NULL;
	CURL *easy = multi ? NULL : open_easy(sizes, lines);

	if (multi)
		in_flight(sizes, multi, lines, warm);
	else
		one_by_one(easy, warm);
	us[0] = clock_us(CLOCK_MONOTONIC);
	us[1] = clock_us(CLOCK_PROCESS_CPUTIME_ID);
	if (multi)
		in_flight(sizes, multi, lines, count);
	else
		one_by_one(easy, count);
}

int main(int argc, char **argv)
{
	double us[2] = { clock_us(CLOCK_MONOTONIC), clock_us(CLOCK_PROCESS_CPUTIME_ID) };
	long count;

	if (argc == 4 && strcmp(argv[1], "sign") == 0) {
		count = strtol(argv[3], NULL, 10);
		read_payload(argv[2]);
		sign(count);
	} else if (argc == 8 && strcmp(argv[1], "call") == 0) {
		struct sizes sizes = { argv[3], argv[4], strtol(argv[7], NULL, 10) };

		count = strtol(argv[6], NULL, 10);
		if (sizes.flight < 1 || sizes.flight > FLIGHT_MAX)
			fail("FLIGHT is out of range");
		read_payload(argv[2]);
		curl_global_init(CURL_GLOBAL_DEFAULT);
		open_parts();
		calls(&sizes, strtol(argv[5], NULL, 10), count, us);
	} else {
		fail("usage: floor sign PAYLOAD COUNT | floor call PAYLOAD URL CA WARM COUNT FLIGHT");
		return 1;
	}
	printf("each %.3f %.3f\n", (clock_us(CLOCK_MONOTONIC) - us[0]) / (double)count,
	       (clock_us(CLOCK_PROCESS_CPUTIME_ID) - us[1]) / (double)count);
	return 0;
}
