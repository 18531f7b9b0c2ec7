// An encoding of float(E,M) taken apart (mulberry/formats/float_format.h):
// ±significand * 2^(exponent - bias - S + 1), the significand's top bit set unless zero, nan or
// infinite. FLUSH reads subnormals as zero, else they are normalised. HAS_INFINITY 0: the mantissa of
// all ones is NaN under the highest exponent, and the others there are ordinary numbers.
module float_decode #(
  parameter E = 8,
  parameter M = 7,
  parameter S = 8,   // Bits of the significand, at least M + 1: zeros are below it.
  parameter X = 10,  // Bits of the exponent, signed.
  parameter L = 3,   // 2^L > M.
  parameter HAS_INFINITY = 1,
  parameter FLUSH = 1
) (
  input  [E+M:0]         x,
  output                 sign,
  output                 nan,
  output                 infinite,
  output                 zero,
  output signed [X-1:0]  exponent,
  output [S-1:0]         significand
);
  localparam [M:0] ALL_ONES = (1 << M) - 1;
  wire [E-1:0] field = x[E+M-1:M];
  wire [M:0] mantissa = x[M:0] & ALL_ONES;
  wire normal = |field;
  wire top = &field;

  assign sign = x[E+M];
  assign nan = top & (HAS_INFINITY ? mantissa != 0 : mantissa == ALL_ONES);
  assign infinite = HAS_INFINITY ? top & mantissa == 0 : 1'b0;

  wire [M:0] unscaled = mantissa | ({{M{1'b0}}, normal} << M);
  generate
    if (FLUSH) begin : flushed
      assign zero = ~normal;
      assign exponent = {{(X-E){1'b0}}, field};
      assign significand = {unscaled, {S{1'b0}}} >> (M + 1);
    end else begin : normalised
      wire [L-1:0] count;
      leading_zeros #(.W(M + 1), .L(L)) zeros (.value(unscaled), .count(count));
      wire [M:0] scaled = unscaled << count;
      assign zero = ~normal & mantissa == 0;
      assign exponent = normal ? {{(X-E){1'b0}}, field} : 1 - {{(X-L){1'b0}}, count};
      assign significand = {scaled, {S{1'b0}}} >> (M + 1);
    end
  endgenerate
endmodule
