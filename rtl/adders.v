// The full adder and the half adder, of which all adder trees and carry chains are made that should
// use the library's own adder cells. Synthesis maps these two modules to such cells, where the
// library has them, and leaves them so.
// verilator lint_off DECLFILENAME
module full_adder (
  input  a,
  input  b,
  input  c,
  output sum,
  output carry
);
  assign sum = a ^ b ^ c;
  assign carry = (a & b) | (b & c) | (c & a);
endmodule

module half_adder (
  input  a,
  input  b,
  output sum,
  output carry
);
  assign sum = a ^ b;
  assign carry = a & b;
endmodule
