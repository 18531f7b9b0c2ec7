// Not a BLAS: a shared library with the symbols by which blas_check_test.cc is to know one.
extern "C" {
void sgemm_() {}
#ifdef MULBERRY_REFERENCE
int CBLAS_CallFromC = 0;
int RowMajorStrg = 0;
#endif
}
