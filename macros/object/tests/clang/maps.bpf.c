struct {
	int (*type)[13];
	int (*max_entries)[2];
	int *key;
	struct {
		int (*type)[2];
		int (*max_entries)[1];
		int *key;
		struct { char c; } *value;
	} *values[];
} nested __attribute__((section(".maps")));
