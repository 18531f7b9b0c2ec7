// The cells that mul4u_or.v is made of.
module AND2(input A, input B, output Y);
  assign Y = A & B;
endmodule

module OR2(input A, input B, output Y);
  assign Y = A | B;
endmodule

module XOR2(input A, input B, output Y);
  assign Y = A ^ B;
endmodule
