/* exp, log, sin and cos with the same bits everywhere. The C library's differ between systems (and
 * glibc's between CPUs), so none of them may reach a result; IEEE + - * / and sqrt are exact. */
#ifndef CNN_EXACT_MATH_H
#define CNN_EXACT_MATH_H

/* e^x, relative error below 1e-15; 0 below -745, infinity above 709.78, NaN for NaN. */
double cnn_exp(double x);
/* Natural logarithm, absolute error below 1e-15 * max(1, |log x|); x > 0 and finite. */
double cnn_log(double x);
/* Sine and cosine, |x| <= 1e6, absolute error below 1e-13 at 1e3 rad. */
double cnn_sin(double x);
double cnn_cos(double x);

#endif
