/* SPDX-License-Identifier: MIT */
#include "look/order.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define EVERY_S     10.0
#define LATE_S      2.5
#define LATE_LIST_S 25.0 /* of HLS */
#define LEAST_S     0.1
#define LONGEST_S   (366.0 * 86400)

/* Something shorter than LEAST_S is as often as it can be. */
static double bounded(const json_t *told, const char *name, double otherwise)
{
	const json_t *value = json_object_get(told, name);
	double number = json_number_value(value);

	return json_is_number(value) && number > 0 && number < LONGEST_S ? fmax(number, LEAST_S) : otherwise;
}

static int take_urls(struct cme_look_order *order, struct cme_err *err)
{
	const json_t *urls = json_object_get(order->told, "urls");

	if (json_array_size(urls) < 1 || json_array_size(urls) > CME_LOOK_URLS)
		return cme_err_set(err, "internal", "no line of JSON says what to do");
	for (size_t i = 0; i < json_array_size(urls); i++) {
		order->urls[order->count] = json_string_value(json_array_get(urls, i));
		if (!order->urls[order->count++])
			return cme_err_set(err, "internal", "no line of JSON says what to do");
	}
	return 0;
}

int cme_look_order_init(struct cme_look_order *order, json_t *told, struct cme_err *err)
{
	*order = (struct cme_look_order){
		.told = told,
		.source = json_string_value(json_object_get(told, "source")),
		.pictures = json_string_value(json_object_get(told, "pictures")),
		.ca_file = json_string_value(json_object_get(told, "ca_file")),
		.for_s = bounded(told, "for", 0),
		.every_s = bounded(told, "every", EVERY_S),
		.late_s = bounded(told, "late", 0),
		.full = json_is_true(json_object_get(told, "full")),
		.peer = json_is_true(json_object_get(told, "peer")),
		.source_public = json_is_true(json_object_get(told, "source_public")),
		.public = json_is_true(json_object_get(told, "public")),
	};
	order->tell_s = bounded(told, "tell", order->every_s);
	if (order->pictures && access(order->pictures, W_OK | X_OK) != 0)
		return cme_err_set(err, "invalid.pictures", "pictures: cannot write into '%s' (%s)",
				   order->pictures, strerror(errno));
	return take_urls(order, err);
}

void cme_look_order_fini(struct cme_look_order *order)
{
	json_decref(order->told);
}

double cme_look_order_late(const struct cme_look_order *order, const char *url)
{
	const char *path_end = url + strcspn(url, "?#");
	bool list = path_end - url > 5 && strncmp(path_end - 5, ".m3u8", 5) == 0;

	if (order->late_s > 0)
		return order->late_s;
	return list ? LATE_LIST_S : LATE_S;
}
