// The number of zeros before the first one, as a tree: each node knows whether its half of the word
// is empty, so that the depth is logarithmic. Of an empty word `count` means nothing.
module leading_zeros #(parameter W = 8, parameter L = 3) (  // 2^L >= W, L >= 1.
  input  [W-1:0] value,
  output [L-1:0] count
);
  localparam P = 1 << L;
  reg [2*P-1:0] empty;       // Of the nodes in heap order: node k has the halves 2k (upper), 2k + 1.
  reg [2*P*L-1:0] zeros;     // Leading zeros of node k, in bits k*L and up.
  integer level, k;
  always @* begin
    empty = 0;
    zeros = 0;
    for (k = 0; k < P; k = k + 1) empty[P + k] = k < W ? ~value[k < W ? W - 1 - k : 0] : 1'b0;
    for (level = 0; level < L; level = level + 1) begin
      for (k = P >> (level + 1); k < P >> level; k = k + 1) begin
        empty[k] = empty[2*k] & empty[2*k + 1];
        zeros[k*L +: L] = empty[2*k] ? zeros[(2*k + 1)*L +: L] : zeros[2*k*L +: L];
        zeros[k*L + level] = empty[2*k];
      end
    end
  end
  assign count = zeros[L +: L];
endmodule
