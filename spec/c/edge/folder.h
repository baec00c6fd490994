/* SPDX-License-Identifier: MIT
 *
 * A folder for the sockets of a group of tests, gone after it: setup and teardown for cmocka. Included once
 * by a test, after cmocka.h.
 */
#ifndef CME_SPEC_EDGE_FOLDER_H
#define CME_SPEC_EDGE_FOLDER_H

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/cme-edge-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

#endif
