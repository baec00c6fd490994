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
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])
#define DENIED      SCMP_ACT_ERRNO(EPERM)
#define SOCK_TYPES  0xf /* the bits of a socket's type */

static const int programs_too[] = { SCMP_SYS(execve),
				    SCMP_SYS(execveat),
				    SCMP_SYS(fork),
				    SCMP_SYS(vfork),
				    SCMP_SYS(kill),
				    SCMP_SYS(tkill),
				    SCMP_SYS(rt_sigqueueinfo),
				    SCMP_SYS(rt_tgsigqueueinfo) };

/* Other processes, the system, files, connections to others. */
static const int denied[] = {
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_open),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(fsopen),
	SCMP_SYS(fspick),
	SCMP_SYS(fsconfig),
	SCMP_SYS(fsmount),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_tree),
	SCMP_SYS(mount_setattr),
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
	SCMP_SYS(kexec_file_load),
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
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
	SCMP_SYS(chmod),
	SCMP_SYS(fchmod),
	SCMP_SYS(fchmodat),
	SCMP_SYS(chown),
	SCMP_SYS(lchown),
	SCMP_SYS(fchown),
	SCMP_SYS(fchownat),
	SCMP_SYS(setxattr),
	SCMP_SYS(lsetxattr),
	SCMP_SYS(fsetxattr),
	SCMP_SYS(removexattr),
	SCMP_SYS(lremovexattr),
	SCMP_SYS(fremovexattr),
	SCMP_SYS(connect),
};

#define FCHMODAT2 452 /* of all architectures; libseccomp knows its name since 2.6 */

/* Those whose arguments lie in memory, where no filter sees them, and new ones: libc has an older way. */
static const int unknown[] = { SCMP_SYS(clone3), SCMP_SYS(openat2), FCHMODAT2 };

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

/* A new process in namespaces of its own. */
static int deny_namespaces(scmp_filter_ctx filter)
{
	static const unsigned flags[] = { CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
					  CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET };
	int rc = 0;

	for (size_t i = 0; i < COUNT(flags) && rc == 0; i++)
		rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(clone), 1,
				      SCMP_A0_64(SCMP_CMP_MASKED_EQ, flags[i], flags[i]));
	return rc;
}

/* What is cloned is a thread, and signals go to threads of this process: raise and abort need that. */
static int deny_programs(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(clone), 1,
				  SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));

	if (rc == 0)
		rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(tgkill), 1,
				      SCMP_A0_64(SCMP_CMP_NE, (scmp_datum_t)getpid()));
	return rc == 0 ? deny(filter, programs_too, COUNT(programs_too), EPERM) : rc;
}

/* New sockets are unix sockets that carry a stream: those of IP were opened before. */
static int deny_sockets(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(socket), 1, SCMP_A0_64(SCMP_CMP_NE, AF_UNIX));

	for (unsigned type = 0; type <= SOCK_TYPES && rc == 0; type++) {
		if (type == SOCK_STREAM)
			continue;
		rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(socket), 1,
				      SCMP_A1_64(SCMP_CMP_MASKED_EQ, SOCK_TYPES, type));
		if (rc == 0)
			rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(socketpair), 1,
					      SCMP_A1_64(SCMP_CMP_MASKED_EQ, SOCK_TYPES, type));
	}
	return rc;
}

/* Ways to reach somebody without connect. The address of sendmsg lies in memory: libsrt needs it. */
static int deny_sending(scmp_filter_ctx filter)
{
	const scmp_datum_t fast = MSG_FASTOPEN;
	int rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(sendto), 1, SCMP_A4_64(SCMP_CMP_NE, 0));

	if (rc == 0)
		rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(sendto), 1,
				      SCMP_A3_64(SCMP_CMP_MASKED_EQ, fast, fast));
	if (rc == 0)
		rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(sendmsg), 1,
				      SCMP_A2_64(SCMP_CMP_MASKED_EQ, fast, fast));
	if (rc == 0)
		rc = seccomp_rule_add(filter, DENIED, SCMP_SYS(sendmmsg), 1,
				      SCMP_A3_64(SCMP_CMP_MASKED_EQ, fast, fast));
	return rc;
}

/* Files are opened for reading. */
static int deny_writing(scmp_filter_ctx filter)
{
	static const struct {
		unsigned mask, value;
	} writing[] = {
		{ O_ACCMODE, O_WRONLY }, { O_ACCMODE, O_RDWR }, { O_CREAT, O_CREAT }, { O_TRUNC, O_TRUNC }
	};
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

static int deny_all(scmp_filter_ctx filter, bool programs)
{
	int rc = deny_calls(filter);

	if (rc == 0)
		rc = programs ? 0 : deny_programs(filter);
	if (rc == 0)
		rc = deny_namespaces(filter);
	if (rc == 0)
		rc = deny_sockets(filter);
	if (rc == 0)
		rc = deny_sending(filter);
	return rc == 0 ? deny_writing(filter) : rc;
}

int cme_jail_enter(bool programs, struct cme_err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc = filter ? seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) : -ENOMEM;

	if (rc == 0)
		rc = deny_all(filter, programs);
	if (rc == 0)
		rc = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return rc == 0 ? 0 : cme_err_set(err, "internal", "system call filter: %s", strerror(-rc));
}

#endif
