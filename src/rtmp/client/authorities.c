/* SPDX-License-Identifier: MIT */
#include "rtmp/client/authorities.h"

#include <openssl/x509.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rtmp/link.h"

/* Which file it was, and of when; all zero: there was none. */
struct stamp {
	dev_t device;
	ino_t number;
	off_t size;
	struct timespec changed;
};

enum { SYSTEM, OWN, FILES };

struct authorities {
	struct authorities *next;
	SSL_CTX *context;
	unsigned owners;
	struct stamp read[FILES];
	char ca_file[]; /* "": none */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct authorities *list; /* those that have owners; guarded by `lock` */

static void look(struct stamp *stamp, const char *path)
{
	struct stat st;

	*stamp = (struct stamp){ 0 };
	if (stat(path, &st) == 0)
		*stamp = (struct stamp){ st.st_dev, st.st_ino, st.st_size, st.st_mtim };
}

static bool same(const struct stamp *a, const struct stamp *b)
{
	return a->device == b->device && a->number == b->number && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* As OpenSSL finds the system's. */
static const char *system_file(void)
{
	const char *path = secure_getenv(X509_get_default_cert_file_env());

	return path ? path : X509_get_default_cert_file();
}

static struct authorities *find(const char *ca_file, const struct stamp now[FILES])
{
	struct authorities *at = list;

	while (at && !(strcmp(at->ca_file, ca_file) == 0 && same(&at->read[SYSTEM], &now[SYSTEM]) &&
		       same(&at->read[OWN], &now[OWN])))
		at = at->next;
	return at;
}

/* NULL with err. */
static struct authorities *add(const char *ca_file, const struct stamp now[FILES], struct cme_err *err)
{
	struct authorities *made = calloc(1, sizeof *made + strlen(ca_file) + 1);

	if (!made) {
		cme_err_set(err, "internal", "out of memory");
		return NULL;
	}
	made->context = cme_link_tls_context(ca_file[0] ? ca_file : NULL, err);
	if (!made->context) {
		free(made);
		return NULL;
	}
	memcpy(made->ca_file, ca_file, strlen(ca_file) + 1);
	memcpy(made->read, now, sizeof made->read);
	made->next = list;
	list = made;
	return made;
}

SSL_CTX *cme_authorities_acquire(const char *ca_file, struct cme_err *err)
{
	const char *file = ca_file ? ca_file : "";
	struct authorities *found;
	struct stamp now[FILES];

	pthread_mutex_lock(&lock);
	look(&now[SYSTEM], system_file());
	look(&now[OWN], file);
	found = find(file, now);
	if (!found)
		found = add(file, now, err);
	if (found)
		found->owners++;
	pthread_mutex_unlock(&lock);
	return found ? found->context : NULL;
}

void cme_authorities_release(SSL_CTX *context)
{
	struct authorities **at = &list, *gone = NULL;

	if (!context)
		return;
	pthread_mutex_lock(&lock);
	while ((*at)->context != context)
		at = &(*at)->next;
	if (--(*at)->owners == 0) {
		gone = *at;
		*at = gone->next;
	}
	pthread_mutex_unlock(&lock);
	if (!gone)
		return;
	SSL_CTX_free(gone->context);
	free(gone);
}
