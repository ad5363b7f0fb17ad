import assert from "node:assert/strict";
import { namesIn, restOfName } from "../../src/completion/names";

const others = [
  namesIn("export function loadInvoiceTotals(from: Date) {}"),
  namesIn("const loadingBar = new Größenmaß_1();"),
];

describe("names of other files", () => {
  it("are those of some length", () => {
    assert.deepEqual(
      [...namesIn("let a = short + longer_1 + $scope2 + 4cats;")],
      ["longer_1", "$scope2"],
    );
  });

  it("are completed where only one begins like that", () => {
    assert.equal(restOfName("x = loadI", "", others), "nvoiceTotals");
    assert.equal(restOfName("x = loadi", "", others), "ngBar");
    assert.equal(restOfName("Größe", "", others), "nmaß_1");
  });

  it("are left alone where several do, or too little is typed", () => {
    const both = [new Set(["loadOrders", "loadOrderTotals"])];
    assert.equal(restOfName("x = loadOrder", "", both), "");
    assert.equal(restOfName("x = load", "", others), "");
    assert.equal(restOfName("x = loadingBar", "", others), "");
    assert.equal(restOfName("x = preloadI", "", others), "");
  });

  it("give way to the names of the file itself", () => {
    const own = "function loadItems() {}\nx = loadI";
    assert.equal(restOfName("x = loadI", own, others), "");
    const elsewhere = "function preloadItems() {}\nx = loadI";
    assert.equal(restOfName("x = loadI", elsewhere, others), "nvoiceTotals");
  });
});
