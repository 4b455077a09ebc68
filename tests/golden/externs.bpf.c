/* What others define: the application, and the kernel's configuration. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern __u32 limits[];
extern const __u32 level;
extern int CONFIG_HZ __kconfig __weak;

__u64 ticks(void)
{
	return limits[level] * CONFIG_HZ;
}
