// REALM's corrections (realm.v), in units of 1/64, of segment i of one fraction and j of the other:
// the steps that cancel the segment's mean relative error, rounded to nearest (the formula is in
// multipliers/logarithmic_realm.cc, and its test reads the same figures). i and j are the fractions'
// first four bits, of which M segments have the first log2(M).
module realm_corrections #(parameter M = 8) (
  input  [3:0] i,
  input  [3:0] j,
  output [5:0] correction
);
  reg [95:0] row;  // From j = M-1 down to 0.
  generate
    if (M == 4) begin : of_4
      always @* begin
        case (i[3:2])
          2'd0: row = {72'd0, 6'd4, 6'd5, 6'd3, 6'd1};
          2'd1: row = {72'd0, 6'd5, 6'd12, 6'd9, 6'd3};
          2'd2: row = {72'd0, 6'd3, 6'd9, 6'd12, 6'd5};
          default: row = {72'd0, 6'd1, 6'd3, 6'd5, 6'd4};
        endcase
      end
      assign correction = row[6*j[3:2] +: 6];
    end else if (M == 8) begin : of_8
      always @* begin
        case (i[3:1])
          3'd0: row = {48'd0, 6'd2, 6'd3, 6'd3, 6'd2, 6'd2, 6'd1, 6'd1, 6'd0};
          3'd1: row = {48'd0, 6'd3, 6'd8, 6'd8, 6'd7, 6'd5, 6'd4, 6'd2, 6'd1};
          3'd2: row = {48'd0, 6'd3, 6'd8, 6'd12, 6'd11, 6'd9, 6'd6, 6'd4, 6'd1};
          3'd3: row = {48'd0, 6'd2, 6'd7, 6'd11, 6'd14, 6'd12, 6'd9, 6'd5, 6'd2};
          3'd4: row = {48'd0, 6'd2, 6'd5, 6'd9, 6'd12, 6'd14, 6'd11, 6'd7, 6'd2};
          3'd5: row = {48'd0, 6'd1, 6'd4, 6'd6, 6'd9, 6'd11, 6'd12, 6'd8, 6'd3};
          3'd6: row = {48'd0, 6'd1, 6'd2, 6'd4, 6'd5, 6'd7, 6'd8, 6'd8, 6'd3};
          default: row = {48'd0, 6'd0, 6'd1, 6'd1, 6'd2, 6'd2, 6'd3, 6'd3, 6'd2};
        endcase
      end
      assign correction = row[6*j[3:1] +: 6];
    end else begin : of_16
      always @* begin
        case (i[3:0])
          4'd0: row = {6'd1, 6'd2, 6'd2, 6'd2, 6'd1, 6'd1, 6'd1, 6'd1, 6'd1, 6'd1, 6'd1, 6'd1, 6'd0, 6'd0, 6'd0, 6'd0};
          4'd1: row = {6'd2, 6'd5, 6'd5, 6'd5, 6'd4, 6'd4, 6'd4, 6'd3, 6'd3, 6'd2, 6'd2, 6'd2, 6'd1, 6'd1, 6'd1, 6'd0};
          4'd2: row = {6'd2, 6'd5, 6'd8, 6'd8, 6'd7, 6'd7, 6'd6, 6'd5, 6'd5, 6'd4, 6'd3, 6'd3, 6'd2, 6'd2, 6'd1, 6'd0};
          4'd3: row = {6'd2, 6'd5, 6'd8, 6'd10, 6'd10, 6'd9, 6'd8, 6'd7, 6'd7, 6'd6, 6'd5, 6'd4, 6'd3, 6'd2, 6'd1, 6'd0};
          4'd4: row = {6'd1, 6'd4, 6'd7, 6'd10, 6'd12, 6'd12, 6'd11, 6'd10, 6'd8, 6'd7, 6'd6, 6'd5, 6'd4, 6'd3, 6'd2, 6'd1};
          4'd5: row = {6'd1, 6'd4, 6'd7, 6'd9, 6'd12, 6'd14, 6'd13, 6'd12, 6'd10, 6'd9, 6'd8, 6'd6, 6'd5, 6'd3, 6'd2, 6'd1};
          4'd6: row = {6'd1, 6'd4, 6'd6, 6'd8, 6'd11, 6'd13, 6'd15, 6'd14, 6'd12, 6'd11, 6'd9, 6'd7, 6'd6, 6'd4, 6'd2, 6'd1};
          4'd7: row = {6'd1, 6'd3, 6'd5, 6'd7, 6'd10, 6'd12, 6'd14, 6'd15, 6'd14, 6'd12, 6'd10, 6'd8, 6'd7, 6'd5, 6'd3, 6'd1};
          4'd8: row = {6'd1, 6'd3, 6'd5, 6'd7, 6'd8, 6'd10, 6'd12, 6'd14, 6'd15, 6'd14, 6'd12, 6'd10, 6'd7, 6'd5, 6'd3, 6'd1};
          4'd9: row = {6'd1, 6'd2, 6'd4, 6'd6, 6'd7, 6'd9, 6'd11, 6'd12, 6'd14, 6'd15, 6'd13, 6'd11, 6'd8, 6'd6, 6'd4, 6'd1};
          4'd10: row = {6'd1, 6'd2, 6'd3, 6'd5, 6'd6, 6'd8, 6'd9, 6'd10, 6'd12, 6'd13, 6'd14, 6'd12, 6'd9, 6'd7, 6'd4, 6'd1};
          4'd11: row = {6'd1, 6'd2, 6'd3, 6'd4, 6'd5, 6'd6, 6'd7, 6'd8, 6'd10, 6'd11, 6'd12, 6'd12, 6'd10, 6'd7, 6'd4, 6'd1};
          4'd12: row = {6'd0, 6'd1, 6'd2, 6'd3, 6'd4, 6'd5, 6'd6, 6'd7, 6'd7, 6'd8, 6'd9, 6'd10, 6'd10, 6'd8, 6'd5, 6'd2};
          4'd13: row = {6'd0, 6'd1, 6'd2, 6'd2, 6'd3, 6'd3, 6'd4, 6'd5, 6'd5, 6'd6, 6'd7, 6'd7, 6'd8, 6'd8, 6'd5, 6'd2};
          4'd14: row = {6'd0, 6'd1, 6'd1, 6'd1, 6'd2, 6'd2, 6'd2, 6'd3, 6'd3, 6'd4, 6'd4, 6'd4, 6'd5, 6'd5, 6'd5, 6'd2};
          default: row = {6'd0, 6'd0, 6'd0, 6'd0, 6'd1, 6'd1, 6'd1, 6'd1, 6'd1, 6'd1, 6'd1, 6'd1, 6'd2, 6'd2, 6'd2, 6'd1};
        endcase
      end
      assign correction = row[6*j[3:0] +: 6];
    end
  endgenerate
endmodule
