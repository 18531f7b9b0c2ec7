// The bits that multipliers.c drops.
#define DROP 3
