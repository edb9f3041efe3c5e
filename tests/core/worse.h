/* The larger of two errors, where NaN is the worst of all and stays. Tests only. */
#ifndef WORSE_H
#define WORSE_H

static inline double worse(double worst, double next) {
  return worst != worst || worst > next ? worst : next;
}

#endif
