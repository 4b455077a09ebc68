// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/errno.h>
#include <bpf/bpf_helpers.h>
#include "topology.bpf.h"

/* Set before load: the verifier then knows them, and removes what they rule out. */
const volatile __u32 topo_nr_cpus = 1;
const volatile __u32 topo_nr_domains = 1;
const volatile bool topo_smt = false;

struct topo_domain {
	__u64 cpus[TOPO_MAX_CPUS / 64];
	__u32 nr_cpus;
	__u32 id;
};

struct topo_domain topo_domains[TOPO_MAX_DOMAINS];

/* One more than the domain's index: 0 is not set up. */
static __u32 domain_of[TOPO_MAX_CPUS];

__u64 topo_migrations;
__u64 topo_across;

__u64 topo_domain(__u64 cpu)
{
	if (cpu >= topo_nr_cpus || cpu >= TOPO_MAX_CPUS || !domain_of[cpu])
		return TOPO_MAX_DOMAINS;
	return domain_of[cpu] - 1;
}

int topo_migration(__u64 from, __u64 to)
{
	__u64 first = topo_domain(from), second = topo_domain(to);

	__sync_fetch_and_add(&topo_migrations, 1);
	if (topo_nr_domains == 1 || first == second)
		return 1;
	__sync_fetch_and_add(&topo_across, 1);
	return 0;
}

/* What `topo_add_cpu` is called with. */
struct topo_cpu {
	__u32 cpu;
	__u32 domain;
	__u32 nr_cpus; /* set: how many CPUs the domain has now */
};

/* Called by user space for each CPU, before the programs are attached. */
SEC("syscall")
int topo_add_cpu(struct topo_cpu *args)
{
	__u64 cpu = args->cpu, domain = args->domain;

	if (cpu >= topo_nr_cpus || cpu >= TOPO_MAX_CPUS)
		return -EINVAL;
	if (domain >= topo_nr_domains || domain >= TOPO_MAX_DOMAINS)
		return -ERANGE;
	if (domain_of[cpu])
		return -EEXIST;
	domain_of[cpu] = domain + 1;
	topo_domains[domain].id = domain;
	topo_domains[domain].cpus[cpu / 64] |= 1ULL << (cpu % 64);
	args->nr_cpus = ++topo_domains[domain].nr_cpus;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
