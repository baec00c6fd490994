/* SPDX-License-Identifier: MIT */
#include "pull/order.h"

#include <stddef.h>

int cme_order_init(struct cme_order *order, json_t *told, struct cme_err *err)
{
	*order = (struct cme_order){
		.told = told,
		.url = json_string_value(json_object_get(told, "url")),
		.ca_file = json_string_value(json_object_get(told, "ca_file")),
		.public = json_is_true(json_object_get(told, "public")),
		.resume = json_is_true(json_object_get(told, "resume")),
	};
	if (!order->url)
		return cme_err_set(err, "internal", "no line of JSON says what to do");
	order->kind = cme_kind_find(order->url);
	return order->kind ? 0 : cme_err_set(err, "invalid.url", "not a source that cme-pull reads");
}

void cme_order_fini(struct cme_order *order)
{
	json_decref(order->told);
}
