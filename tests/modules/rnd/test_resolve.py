"""What is made: materials, routing, pieces to begin and price drivers of known products."""

from decimal import Decimal

import pytest

from cosmo.spec import BomLine, RoutingStep, Spec, resized
from modules.rnd.product import Product
from modules.rnd.resolve import Unmeasured, notes, print_zone, resolve
from modules.rnd.selections import read_state
from modules.rnd.standard import list_price, standard_product
from tests.modules.rnd.families import SLUGS, configured, product


def made(slug: str, quantity: int | None = None, **changes: str | None) -> Spec:
    return resolve(product(slug), configured(slug, quantity, **changes), f"{slug}-1")


def line(spec: Spec, material: str) -> BomLine:
    (found,) = [one for one in spec.bom if one.material == material]
    return found


def step(spec: Spec, code: str) -> RoutingStep:
    (found,) = [one for one in spec.routing if one.code == code]
    return found


def codes(spec: Spec) -> list[str]:
    return [one.code for one in spec.routing]


def test_240_plain_mugs_begin_as_283() -> None:
    spec = made("mug", 240)
    assert codes(spec) == [
        "roller_form",
        "handle_dry",
        "bisque",
        "glaze",
        "glaze_dry",
        "glost",
        "inspect_pack",
    ]
    assert (spec.quantity, spec.start_quantity) == (240, 283)
    assert line(spec, "LU-BODY-PORC").quantity == Decimal("133.01")  # 283 x 470 g of wet body
    assert line(spec, "LU-BOX").quantity == 240
    assert line(spec, "LU-CARTON36").quantity == 7
    assert spec.release == "mug-1"


def test_240_mugs_with_decals_begin_as_289_and_take_253_decals() -> None:
    spec = made("mug", 240, decoration="decal", artwork="x")
    assert spec.start_quantity == 289
    decals = line(spec, "LU-DECAL")
    assert decals.quantity == 253
    assert decals.order_specific
    assert decals.operation == "decal_apply"
    assert codes(spec)[-3:] == ["decal_apply", "decal_fire", "inspect_pack"]


def test_each_mug_takes_30_g_of_glaze_inside_and_out() -> None:
    spec = made("mug", 1000)
    outer, inner = line(spec, "LU-GLAZE-CELADON"), line(spec, "LU-GLAZE-MILK")
    assert outer.quantity + inner.quantity == pytest.approx(Decimal("0.030") * 1102, abs=Decimal("0.05"))
    assert outer.operation == inner.operation == "glaze"


def test_one_colour_inside_and_out_is_one_line() -> None:
    spec = made("mug", 1000, inner_glaze="celadon")
    assert line(spec, "LU-GLAZE-CELADON").quantity == pytest.approx(
        Decimal("0.030") * 1102, abs=Decimal("0.05")
    )


def test_kilns_know_size_recipe_and_length() -> None:
    spec = made("mug", 300, capacity="450", body="stoneware", finish="matt")
    glost = step(spec, "glost")
    assert glost.family == "glost-1220-matt"
    assert glost.size_per_piece == Decimal("1.35")
    assert glost.minutes(2200, "KG1") == 1650
    assert step(spec, "bisque").family == "bisque-950"


def test_a_third_of_a_minute_a_piece_is_never_rounded_up_to_more() -> None:
    assert step(made("mug"), "inspect_pack").minutes(360, "MI-PACK1") == 120
    assert step(made("mug"), "glaze").minutes(360, "MG-LINE1") == 60


@pytest.mark.parametrize(
    ("changes", "has", "has_not"),
    [
        ({"shape": "bowl"}, ["slip_cast"], ["roller_form"]),
        ({"decoration": "underglaze", "artwork": "x"}, ["underglaze_print"], ["decal_fire"]),
        ({"decoration": "laser", "artwork": "x"}, ["laser"], ["decal_fire", "decal_apply"]),
        ({"decoration": "hand_paint"}, ["hand_paint", "decal_fire"], ["decal_apply"]),
        ({"gold_rim": "yes"}, ["decal_apply", "decal_fire"], []),
    ],
)
def test_the_route_follows_what_is_chosen(
    changes: dict[str, str], has: list[str], has_not: list[str]
) -> None:
    found = codes(made("mug", 300, **changes))
    assert set(has) <= set(found)
    assert not set(has_not) & set(found)


def test_a_gold_rim_is_a_third_firing_and_no_microwave() -> None:
    state = configured("mug", gold_rim="yes")
    assert resolve(product("mug"), state).drivers["decal_places"] == 240
    assert "17" in [rule for rule, _ in notes(product("mug"), state)]
    assert "17" not in [rule for rule, _ in notes(product("mug"), configured("mug"))]


def test_an_own_shape_needs_moulds_and_tooling() -> None:
    spec = made("mug", 1000, shape="custom", shape_file="x")
    moulds = line(spec, "LU-MOULD")
    assert moulds.order_specific
    assert moulds.quantity == -(-spec.start_quantity // 20)
    assert spec.drivers["tooling"] == 1


@pytest.mark.parametrize(("quantity", "surcharge"), [(999, 1), (1000, None)])
def test_a_printed_stock_shape_below_1000_pays_the_small_run(quantity: int, surcharge: int | None) -> None:
    assert made("mug", quantity, decoration="decal", artwork="x").drivers.get("small_run") == surcharge
    assert "small_run" not in made("mug", quantity).drivers


def test_own_artwork_pays_its_sample_once() -> None:
    assert made("mug", decoration="decal", artwork="x").drivers["sample"] == 1
    assert "sample" not in made("mug", artwork="x").drivers


def test_tile_is_ordered_in_whole_boxes_with_its_waste() -> None:
    spec = made("tile", 40)  # 42.8 m2 with 7 percent, in boxes of 1.08
    assert line(spec, "LU-TCARTON").quantity == 40
    assert spec.quantity == 44
    assert spec.quantity // spec.pieces_per_carton == 40, "packed in the boxes it is charged in"
    assert made("tile", 40, shape="mosaic", size="300x300").quantity == 46  # 12 percent


def test_tile_takes_powder_by_its_thickness() -> None:
    thin, thick = (
        made("tile", 100, thickness="9.5"),
        made("tile", 100, thickness="20", use="outdoor", slip="R11"),
    )
    assert line(thin, "LU-POWDER-TILE").quantity == Decimal("24.5") * thin.start_quantity
    ratio = line(thick, "LU-POWDER-TILE").quantity / line(thin, "LU-POWDER-TILE").quantity
    assert ratio == pytest.approx(Decimal(20) / Decimal("9.5"), rel=Decimal("0.001"))
    assert step(thick, "kiln").family == "curve-1200-20"


@pytest.mark.parametrize(("area", "percent"), [(9, "1.612903"), (10, None), (1, "44.623655")])
def test_a_small_area_pays_half_its_shortfall_in_percent(area: int, percent: str | None) -> None:
    expected = Decimal(percent) if percent else None
    assert made("tile", area).drivers.get("short_area") == expected


def test_own_decor_on_tile_costs_at_least_the_minimum() -> None:
    small = made("tile", 5, decor="upload", artwork="x")
    assert list_price(product("tile"), small) == 1850
    assert list_price(product("tile"), made("tile", 5)) < 1850
    assert list_price(product("tile"), made("tile", 500, decor="upload", artwork="x")) > 1850


def test_a_cabinet_takes_boards_by_its_measures() -> None:
    plain, wide = made("cabinet", 1), made("cabinet", 1, width="1000", centre_post="yes", drawers="0")
    assert line(wide, "HC-BOARD-WHITE").quantity > line(plain, "HC-BOARD-WHITE").quantity
    assert "HC-RUNNER" not in [one.material for one in wide.bom]
    assert step(plain, "finish").fixed_minutes == 7200


def test_a_part_takes_room_in_the_build_and_is_dyed_by_colour() -> None:
    spec = made("part", 20)
    assert step(spec, "print").size_per_piece == Decimal("0.3875")
    assert step(spec, "dye").family == "dye-black"
    assert "dye" not in codes(made("part", 20, colour="natural"))


def test_a_part_without_measures_cannot_be_resolved() -> None:
    state = read_state(product("part"), {**product("part").family.defaults, "part": "x"}, 5)
    with pytest.raises(Unmeasured, match="not known"):
        resolve(product("part"), state)


def test_a_usual_printed_mug_costs_what_the_list_says() -> None:
    price = list_price(product("mug"), made("mug", 240, decoration="decal", artwork="x"))
    assert Decimal("5.5") < price / 240 < Decimal("6.5")


@pytest.mark.parametrize("slug", SLUGS)
def test_every_material_is_used_by_an_operation_on_the_route_and_every_figure_is_positive(slug: str) -> None:
    spec = made(slug)
    assert {one.operation for one in spec.bom} <= set(codes(spec))
    assert spec.mass_kg > 0
    assert all(amount > 0 for amount in spec.drivers.values())
    assert "volume_m3" in spec.drivers


@pytest.mark.parametrize("slug", SLUGS)
def test_the_standard_product_is_one_piece_that_scales(slug: str) -> None:
    from cosmo.spec import resized

    one, price = standard_product(product(slug))
    usual = made(slug, product(slug).family.quantity.default)
    many = resized(one, usual.quantity)
    assert one.quantity == 1
    assert price > 0
    assert many.start_quantity == usual.start_quantity
    for left, right in zip(many.bom, usual.bom, strict=True):
        assert left.quantity == pytest.approx(right.quantity, rel=Decimal("0.01"))


def test_the_print_zone_keeps_away_from_rim_and_handle() -> None:
    front = print_zone(product("mug"), configured("mug", decoration="decal"))
    assert front is not None
    assert front.width_mm == 80
    assert front.height_mm == 95 - 10 - 12
    around = print_zone(product("mug"), configured("mug", decoration="decal", print_zone="wrap"))
    assert around is not None
    assert around.width_mm == 255 - 22 - 2 * 8
    bare = print_zone(product("mug"), configured("mug", decoration="decal", print_zone="wrap", handle="none"))
    assert bare is not None
    assert bare.width_mm == 255
    assert print_zone(product("mug"), configured("mug")) is None


def test_laser_has_its_own_line_widths() -> None:
    zone = print_zone(product("mug"), configured("mug", decoration="laser"))
    assert zone is not None
    assert zone.lines == "laser_lines"


@pytest.mark.parametrize(
    ("slug", "changes", "wanted"),
    [("tile", {}, True), ("tile", {"shade": "mixed"}, False), ("mug", {}, False), ("cabinet", {}, False)],
)
def test_the_family_says_when_one_shade_lot_is_wanted(
    slug: str, changes: dict[str, str], wanted: bool
) -> None:
    assert made(slug, **changes).one_shade is wanted


def test_the_note_tells_which_shades_come() -> None:
    tile = product("tile")
    one = {rule for rule, _ in notes(tile, configured("tile"))}
    mixed = {rule for rule, _ in notes(tile, configured("tile", shade="mixed"))}
    assert one ^ mixed == {"24", "24m"}


def test_a_spec_frozen_before_there_was_the_flag_still_loads() -> None:
    old = made("tile").model_dump(mode="json")
    del old["one_shade"]
    assert Spec.model_validate(old).one_shade is False
    assert resized(made("tile"), 3).one_shade, "kept by a remake"


def test_an_operation_is_made_once_for_the_same_figures_and_anew_for_others() -> None:
    one, same, larger, matt = (
        made("mug"),
        made("mug"),
        made("mug", capacity="450"),
        made("mug", finish="matt"),
    )
    assert all(a is b for a, b in zip(one.routing, same.routing, strict=True))
    assert step(larger, "glost").size_per_piece > step(one, "glost").size_per_piece
    assert step(matt, "glost").family != step(one, "glost").family
    for spec, changes in ((larger, {"capacity": "450"}), (matt, {"finish": "matt"})):
        fresh = Product(product("mug").family)
        assert resolve(fresh, configured("mug", **changes), "mug-1") == spec


def named_by_width(content: str) -> Product:
    """The cabinet whose first material is called by its width."""
    family = product("cabinet").family
    first = family.making.bom[0].model_copy(update={"material": content})
    making = family.making.model_copy(update={"bom": (first, *family.making.bom[1:])})
    return Product(family.model_copy(update={"making": making}))


def test_a_material_is_made_once_for_the_same_words_and_anew_for_others_written_alike() -> None:
    cabinets = named_by_width("board-{width}")
    plain, again, long, wide = (
        resolve(cabinets, configured("cabinet", width=width), "cabinet-1")
        for width in ("900", "900", "900.0", "1000")
    )
    assert plain.bom[0] is again.bom[0]
    others = [spec.bom[0].material for spec in (plain, long, wide)]
    assert others == ["BOARD-900", "BOARD-900.0", "BOARD-1000"]


def test_what_a_customer_writes_is_in_no_line_that_is_kept() -> None:
    mugs = Product(product("mug").family)
    family = mugs.family
    told = dict.fromkeys(("en", "de", "zh"), "for {personal_name}")
    first = family.making.bom[0].model_copy(update={"name": told})
    making = family.making.model_copy(update={"bom": (first, *family.making.bom[1:])})
    mugs = Product(family.model_copy(update={"making": making}))
    spec = resolve(mugs, configured("mug", personal_name="Mia"), "mug-1")
    assert spec.bom[0].name["en"] == "for Mia"
    assert mugs.lines, "others are kept"
    assert "Mia" not in f"{mugs.lines}"
