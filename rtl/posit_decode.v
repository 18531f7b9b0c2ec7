// An encoding of posit(N,ES) taken apart (mulberry/formats/posit.h):
// ±significand * 2^(exponent - S + 1), the significand's top bit set. Of zero and NaR it means nothing.
//
// The regime counts how often its first bit is repeated, q times: r = q after a one and -1 - q = ~q
// after a zero. With the exponent bits below it, r is the exponent.
module posit_decode #(
  parameter N = 16,
  parameter ES = 1,
  parameter S = 13,  // Bits of the significand, at least max(0, N - 3 - ES) + 1.
  parameter X = 8,   // Bits of the exponent, signed, at least ES + L + 1.
  parameter L = 4    // 2^L >= N - 1, L >= 1.
) (
  input  [N-1:0]        x,
  output                sign,
  output                nar,
  output                zero,
  output signed [X-1:0] exponent,
  output [S-1:0]        significand
);
  localparam M = N > 3 + ES ? N - 3 - ES : 0;
  wire [N-2:0] magnitude = x[N-1] ? -x[N-2:0] : x[N-2:0];
  wire first = magnitude[N-2];
  assign sign = x[N-1];
  assign nar = x[N-1] & x[N-2:0] == 0;
  assign zero = ~x[N-1] & x[N-2:0] == 0;

  // Ones where the run has ended, or the posit.
  wire [N-2:0] ended = ((magnitude << 1) ^ {(N-1){first}}) | 1'b1;
  wire [L-1:0] q;
  leading_zeros #(.W(N - 1), .L(L)) run (.value(ended), .count(q));
  wire signed [L:0] regime = {1'b0, q} ^ {(L+1){~first}};

  // Exponent and fraction bits, at the top.
  wire [N+ES-1:0] tail = ({magnitude, {(ES+1){1'b0}}} << 2) << q;
  wire [N-1:0] fraction = tail[N-1:0];
  generate
    if (ES > 0) begin : with_exponent
      assign exponent = {{(X-ES-L){regime[L]}}, regime[L-1:0], tail[N+ES-1:N]};
    end else begin : regime_only
      assign exponent = {{(X-L){regime[L]}}, regime[L-1:0]};
    end
  endgenerate
  generate
    if (M > 0) begin : with_fraction
      wire [M:0] kept = {1'b1, fraction[N-1 -: M]};
      assign significand = {kept, {S{1'b0}}} >> (M + 1);
    end else begin : no_fraction
      assign significand = {1'b1, {S{1'b0}}} >> 1;
    end
  endgenerate
endmodule
