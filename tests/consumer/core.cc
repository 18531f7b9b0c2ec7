// One product by a plan, with nothing but the installed headers and libraries.
#include <iostream>

#include "mulberry/plan/plan.h"

int main() {
  const auto plan = mulberry::MakePlan(mulberry::ParseArithmetic("mitchell@bf16"));
  const float factor = 1.5f;
  float product = 0;
  mulberry::GemmProblem problem;
  problem.a = mulberry::StridedOperand(&factor, 1, 1, 1, 1);
  problem.b = mulberry::StridedOperand(&factor, 1, 1, 1, 1);
  problem.c.data = &product;
  plan->Gemm(problem);
  std::cout << mulberry::Print(plan->arithmetic()) << ": 1.5 * 1.5 = " << product << "\n";
}
