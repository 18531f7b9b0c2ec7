// What a significand multiplier returns, brought to 1.fraction: p * 2^(ea + eb + K - W + 2) is
// (1 + fraction * 2^(1 - W)) * 2^exponent. An exact product has its leading one in one of the two top
// bits; where an approximate one may be smaller, LEADING_ZEROS says by how much.
module product_normalise #(
  parameter W = 16,
  parameter X = 11,
  parameter K = 0,
  parameter LEADING_ZEROS = 1,  // At most so many, of a product other than zero; W: and it may be zero.
  parameter L = 4               // 2^L >= W.
) (
  input  [W-1:0]        p,
  input  signed [X-1:0] ea,
  input  signed [X-1:0] eb,
  output signed [X-1:0] exponent,
  output [W-2:0]        fraction,
  output                zero
);
  localparam signed [X-1:0] ABOVE = K + 1, BELOW = K;  // Of a leading one in the top bit, or below.
  generate
    if (LEADING_ZEROS == 1) begin : one_place
      assign fraction = p[W-1] ? p[W-2:0] : p << 1;
      // Both sums, since the product is late.
      wire signed [X-1:0] below = ea + eb + BELOW;
      wire signed [X-1:0] above = below + 1;
      assign exponent = p[W-1] ? above : below;
      assign zero = 1'b0;
    end else begin : any_place
      wire [L-1:0] count;
      leading_zeros #(.W(W), .L(L)) zeros (.value(p), .count(count));
      wire [W-1:0] scaled = p << count;
      assign fraction = scaled[W-2:0];
      assign exponent = ea + eb + ABOVE - $signed({{(X-L){1'b0}}, count});
      assign zero = ~scaled[W-1];
    end
  endgenerate
endmodule
