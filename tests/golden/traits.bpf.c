// SPDX-License-Identifier: MIT OR Apache-2.0
/* A struct whose members are all its bytes, and one with padding, bits without a name, and a float. */
enum level {
	LEVEL_LOW,
	LEVEL_HIGH,
};

struct plain {
	unsigned long long count;
	enum level levels[2];
};

struct odd {
	char name[6];
	unsigned int low : 3;
	_Bool seen;
	double mean;
	struct odd *next;
};

struct plain plain;
struct odd odd;
