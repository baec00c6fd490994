/* SPDX-License-Identifier: MIT */
#include "edge/jail.h"

#if !CME_JAIL

int cme_jail_enter(bool programs, struct cme_err *err)
{
	(void)programs;
	(void)err;
	return 0;
}

#else

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/socket.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])
#define DENIED      SCMP_ACT_ERRNO(EPERM)

static const int programs_too[] = { SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
				    SCMP_SYS(kill) };

/* Other processes, the system, files, connections to others. */
static const int denied[] = {
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(bpf),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(creat),
	SCMP_SYS(truncate),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(link),
	SCMP_SYS(linkat),
	SCMP_SYS(symlink),
	SCMP_SYS(symlinkat),
	SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
	SCMP_SYS(connect),
};

/* Those whose arguments lie in memory, where no filter sees them: libc has an older way. */
static const int unknown[] = { SCMP_SYS(clone3), SCMP_SYS(openat2) };

static int deny(scmp_filter_ctx filter, const int *calls, size_t count, int number)
{
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned)number), calls[i], 0);
	return rc;
}

static int deny_calls(scmp_filter_ctx filter)
{
	int rc = deny(filter, denied, COUNT(denied), EPERM);

	return rc == 0 ? deny(filter, unknown, COUNT(unknown), ENOSYS) : rc;
}

/* A clone without its parent's memory is a process, and not a thread. */
static int deny_programs(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(clone), 1,
				  SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_VM, 0));

	return rc == 0 ? deny(filter, programs_too, COUNT(programs_too), EPERM) : rc;
}

/* All but unix sockets and IP. */
static int deny_families(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(socket), 1, SCMP_A0_64(SCMP_CMP_GT, AF_INET6));

	for (unsigned family = AF_INET + 1; family < AF_INET6 && rc == 0; family++)
		rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(socket), 1, SCMP_A0_64(SCMP_CMP_EQ, family));
	return rc;
}

/* Files are opened for reading. */
static int deny_writing(scmp_filter_ctx filter)
{
	static const struct {
		unsigned mask, value;
	} writing[] = { { O_ACCMODE, O_WRONLY }, { O_ACCMODE, O_RDWR }, { O_CREAT, O_CREAT } };
	int rc = 0;

	for (size_t i = 0; i < COUNT(writing) && rc == 0; i++) {
		rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(openat), 1,
				      SCMP_A2_64(SCMP_CMP_MASKED_EQ, writing[i].mask, writing[i].value));
		if (rc == 0)
			rc = seccomp_rule_add(
				filter, DENIED, SCMP_SYS(open), 1,
				SCMP_A1_64(SCMP_CMP_MASKED_EQ, writing[i].mask, writing[i].value));
	}
	return rc;
}

int cme_jail_enter(bool programs, struct cme_err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc = filter ? seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) : -ENOMEM;

	if (rc == 0)
		rc = deny_calls(filter);
	if (rc == 0 && !programs)
		rc = deny_programs(filter);
	if (rc == 0)
		rc = deny_families(filter);
	if (rc == 0)
		rc = deny_writing(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return rc == 0 ? 0 : cme_err_set(err, "internal", "system call filter: %s", strerror(-rc));
}

#endif
