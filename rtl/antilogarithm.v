// A significand of F fraction bits and three bits before them, brought to its place in the product of
// two normalised operands (normalise.v): the low 2N bits of
// floor(significand * 2^(2N-2-F-shift)).
module antilogarithm #(
  parameter N = 8,
  parameter F = 8
) (
  input  [F+2:0]   significand,
  input  [5:0]     shift,  // Of both operands together.
  output [2*N-1:0] p
);
  localparam POINT = F > 2*N-2 ? F : 2*N-2;
  wire [POINT+2:0] widened;
  // verilator lint_off UNUSEDSIGNAL
  wire [POINT+2:0] shifted;  // Of it the floor's bits are used.
  // verilator lint_on UNUSEDSIGNAL
  generate
    if (POINT > F) begin : wide
      assign widened = {significand, {(POINT > F ? POINT-F : 1){1'b0}}};
    end else begin : same
      assign widened = significand;
    end
  endgenerate
  assign shifted = widened >> shift;
  assign p = shifted[POINT+1:POINT+2-2*N];
endmodule
