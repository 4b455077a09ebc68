struct {
	unsigned low : 3;
	int high : 20;
	enum { OFF, ON = -5 } mode : 4;
	_Bool on : 1;
} bits;
