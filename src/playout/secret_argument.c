/* SPDX-License-Identifier: MIT
 *
 * Loaded into ffmpeg and ffprobe with LD_PRELOAD by the playout: puts a source's URL in the place of an
 * argument that only stands for it. Everyone on the machine can read a process's arguments
 * (/proc/PID/cmdline), and a URL may hold a token; the environment, where the URL comes from, is for its
 * owner. glibc hands a library's constructors the very argv that main gets. Where that does not hold, or the
 * library is not loaded, the program meets the placeholder, which is no URL, and says so.
 */
#include <stdlib.h>
#include <string.h>

#define PLACEHOLDER "cme-source:"        /* twin of lua/cme/playout/arguments.lua */
#define VARIABLE    "CME_PLAYOUT_SOURCE" /* likewise */

__attribute__((constructor)) static void fill_in(int argc, char **argv)
{
	char *url = getenv(VARIABLE);

	for (int i = 1; url && i < argc; i++)
		if (strcmp(argv[i], PLACEHOLDER) == 0)
			argv[i] = url;
}
