// ±1.fraction * 2^exponent rounded into posit(N,ES) as mulberry/formats/posit.h says: the string of
// regime, exponent and fraction bits is cut, and nothing but zero becomes zero.
module posit_encode #(
  parameter N = 16,
  parameter ES = 1,
  parameter F = 25,       // Bits of the fraction.
  parameter X = 9,        // Bits of the exponent, signed, more than ES.
  parameter L = 4,        // 2^L >= N.
  parameter NEAREST = 1   // The standard's rounding; else toward zero.
) (
  input                 sign,
  input                 nar,
  input                 zero,
  input  signed [X-1:0] exponent,
  input  [F-1:0]        fraction,
  output [N-1:0]        y
);
  localparam B = 2 + ES + F;
  wire ones = ~exponent[X-1];
  // The regime begins with 10 or 01, and its first bit is repeated q times.
  wire [X-ES-1:0] q = exponent[X-1:ES] ^ {(X-ES){~ones}};
  wire saturated = q >= N - 2;
  wire [ES+F-1:0] tail;
  generate
    if (ES > 0) begin : with_exponent
      assign tail = {exponent[ES-1:0], fraction};
    end else begin : regime_only
      assign tail = fraction;
    end
  endgenerate
  wire [B+N-1:0] string_bits = {ones, ~ones, tail, {N{1'b0}}};

  // N - 1 bits are kept, one decides; what is below them only says whether there is more.
  wire [X-ES+L-1:0] wide_q = q;
  wire [N-1:0] head;
  wire lost;
  shift_right_sticky #(.W(N), .L(L)) shift (
    .value(string_bits[B+N-1:B]), .amount(wide_q[L-1:0]), .fill(ones), .shifted(head), .sticky(lost));
  wire more = lost | (|string_bits[B-1:0]);
  wire in_range = ~(zero | nar | saturated);
  wire up = NEAREST ? head[0] & (more | head[1]) & in_range : 1'b0;
  wire [N-2:0] end_of_range = ones ? {(N-1){1'b1}} : 1;
  wire [N-2:0] cut = zero | nar ? 0 : saturated ? end_of_range : head[N-1:1];
  // One adder rounds and negates: -(cut + up) = ~cut + ~up, of one bit.
  wire [N-1:0] rounded = ({1'b0, cut} ^ {N{sign}}) + (up ^ sign);
  assign y = nar ? {1'b1, {(N-1){1'b0}}} : rounded;
endmodule
