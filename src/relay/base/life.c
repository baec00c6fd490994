/* SPDX-License-Identifier: MIT */
#include "relay/base/life.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "relay/base/sys.h"

static _Thread_local struct cme_life *own;

void cme_life_init(struct cme_life *life)
{
	atomic_init(&life->sign_us, INT64_MAX);
	atomic_init(&life->resolving, false);
	life->asked_us = 0;
}

void cme_life_begin(struct cme_life *life)
{
	own = life;
	cme_life_sign();
}

void cme_life_end(void)
{
	atomic_store(&own->sign_us, INT64_MAX);
	own = NULL;
}

void cme_life_sign(void)
{
	if (own)
		atomic_store_explicit(&own->sign_us, cme_now_us(), memory_order_relaxed);
}

int64_t cme_life_ask(struct cme_life *life, int64_t now_us)
{
	bool resolving = cme_life_resolving(life); /* before the sign that comes after it */
	int64_t sign_us = atomic_load(&life->sign_us);

	if (life->asked_us == 0 || sign_us >= life->asked_us || resolving) {
		life->asked_us = now_us;
		return 0;
	}
	return now_us - life->asked_us;
}

bool cme_life_resolving(const struct cme_life *life)
{
	return atomic_load(&life->resolving);
}

int cme_life_resolve(cme_resolve *real, const char *host, const char *service, const struct addrinfo *hints,
		     struct addrinfo **list)
{
	struct cme_life *life = own;
	int rc;

	if (!life)
		return real(host, service, hints, list);
	atomic_store(&life->resolving, true);
	rc = real(host, service, hints, list);
	cme_life_sign();
	atomic_store(&life->resolving, false);
	return rc;
}

/* The program's symbol comes before the C library's, in shared libraries too. */
__attribute__((visibility("default"))) int getaddrinfo(const char *restrict host,
						       const char *restrict service,
						       const struct addrinfo *restrict hints,
						       struct addrinfo **restrict list)
{
	void *found = dlsym(RTLD_NEXT, "getaddrinfo");
	cme_resolve *real;

	if (!found)
		return EAI_SYSTEM;
	memcpy(&real, &found, sizeof real); /* ISO C casts no object's address to a function's */
	return cme_life_resolve(real, host, service, hints, list);
}
