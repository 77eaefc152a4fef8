// Model folders: good ones are read whole, damaged and hostile ones are refused in words.
#include <cstring>
#include <functional>
#include <limits>
#include <random>

#include "check.hpp"
#include "errors.hpp"
#include "files/sha256.hpp"
#include "mace_model_files.hpp"
#include "potentials/mace/model.hpp"

namespace mofkernel::mace {
namespace {

const char* const kFixtures[] = {"fixture-residual", "fixture-agnostic", "fixture-density", "fixture-nonlinear",
                                 "fixture-float32"};

using Change = std::function<void(MaceModelFiles&)>;

/// read_model() of a fixture after a change.
Model read_changed(const std::string& fixture, const Change& change) {
  const ScratchFolder scratch;
  MaceModelFiles files(fixture);
  change(files);
  files.write(scratch / "model");
  return read_model(scratch / "model");
}

/// read_model() of a fixture whose tensor file is replaced.
Model read_with_tensors(const std::string& fixture, std::span<const std::byte> bytes) {
  const ScratchFolder scratch;
  MaceModelFiles(fixture).write(scratch / "model", bytes);
  return read_model(scratch / "model");
}

Model read_with_header(const std::string& header, std::size_t n_data_bytes) {
  return read_with_tensors("fixture-residual", MaceModelFiles::tensor_file_of(header, Bytes(n_data_bytes)));
}

Change replacing(const std::string& from, const std::string& to) {
  return [=](MaceModelFiles& files) { files.replace(from, to); };
}

template <class T>
void put(Bytes& bytes, std::size_t index, T value) {
  std::memcpy(bytes.data() + index * sizeof(T), &value, sizeof(T));
}

}  // namespace

TEST(sha256_is_that_of_the_standard) {
  CHECK(sha256({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256(bytes_of("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // NIST's long message: a million times "a"; and one whose tail needs a block of its own.
  CHECK(sha256(bytes_of(std::string(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(sha256(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(every_fixture_is_read_as_it_is_and_after_writing_it_again) {
  for (const char* name : kFixtures) {
    const Model model = read_model(mace_fixture(name));
    CHECK(model.atomic_numbers == (std::vector<int>{8, 1, 6}));
    CHECK(model.node_embedding.values.size() == 3 * static_cast<std::size_t>(model.n_channels));
    const Model again = read_changed(name, [](MaceModelFiles&) {});
    CHECK(again.node_embedding.values == model.node_embedding.values);
    CHECK(again.layers.back().product.monomials.back().back().index ==
          model.layers.back().product.monomials.back().back().index);
  }
}

TEST(the_numbers_are_those_of_the_file) {
  const MaceModelFiles files("fixture-density");
  const Model model = read_model(mace_fixture("fixture-density"));
  const auto numbers = [&](const std::string& name) {
    const Bytes& data = files.tensors.at(name).data;
    return values_at<double>(data, 0, data.size() / sizeof(double));
  };
  CHECK(model.heads.size() == 3 && model.scale.values == numbers("scale"));
  CHECK(model.layers[0].skip[2].values == numbers("layers.0.skip.2"));
  CHECK(model.layers[1].radial[1].weight.values == numbers("layers.1.radial.1.weight"));
  CHECK(model.layers[1].density_weight.values == numbers("layers.1.density.weight"));
  CHECK(model.zbl && model.zbl->covalent_radii.values == numbers("zbl.covalent_radii"));
  CHECK(model.layers[0].product.monomials[0][1].weight.values == numbers("layers.0.product.0.2.weight"));
}

TEST(a_model_without_scale_shift_has_scale_one_and_shift_zero) {
  const Model model = read_model(mace_fixture("fixture-agnostic"));
  CHECK(!model.has_scale_shift);
  CHECK(model.scale.values == std::vector<double>{1.0} && model.shift.values == std::vector<double>{0.0});
}

TEST(a_folder_without_files_is_a_file_error) {
  const ScratchFolder scratch;
  CHECK_THROWS_CODE((void)read_model(scratch / "none"), ErrorCode::file_error);
}

TEST(a_changed_byte_is_found_by_the_checksum) {
  const ScratchFolder scratch;
  const MaceModelFiles files("fixture-residual");
  Bytes bytes = files.tensor_file();
  files.write(scratch / "model", bytes);
  bytes.back() ^= std::byte{1};
  write_bytes(scratch / "model" / "model.safetensors", bytes);
  CHECK_THROWS_CODE((void)read_model(scratch / "model"), ErrorCode::file_error);
}

TEST(the_refusal_of_a_damaged_file_says_what_to_do) {
  try {
    (void)read_with_tensors("fixture-residual", Bytes(3));
    CHECK(false);
  } catch (const KernelError& error) {
    CHECK(std::string(error.what()).find("Import the checkpoint again") != std::string::npos);
  }
}

TEST(a_tensor_file_cut_anywhere_is_refused) {
  const Bytes bytes = MaceModelFiles("fixture-float32").tensor_file();
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 7) {
    CHECK_THROWS_CODE((void)read_with_tensors("fixture-float32", std::span(bytes).first(size)), ErrorCode::file_error);
  }
}

TEST(a_missing_or_unknown_tensor_is_refused) {
  const std::size_t n = MaceModelFiles("fixture-density").tensors.size();
  for (std::size_t k = 0; k < n; ++k) {
    const Change without = [k](MaceModelFiles& files) {
      files.tensors.erase(std::next(files.tensors.begin(), static_cast<std::ptrdiff_t>(k)));
    };
    CHECK_THROWS_CODE((void)read_changed("fixture-density", without), ErrorCode::file_error);
  }
  const Change with_more = [](MaceModelFiles& files) { files.tensors["layers.9.x"] = files.tensors["scale"]; };
  CHECK_THROWS_CODE((void)read_changed("fixture-density", with_more), ErrorCode::file_error);
}

TEST(a_tensor_of_another_shape_type_or_with_a_number_that_is_none_is_refused) {
  const auto refused = [](const Change& change) {
    CHECK_THROWS_CODE((void)read_changed("fixture-residual", change), ErrorCode::file_error);
  };
  refused([](MaceModelFiles& f) {
    std::swap(f.tensors["layers.1.skip.0"].shape[0], f.tensors["layers.1.skip.0"].shape[1]);
  });
  refused([](MaceModelFiles& f) { f.tensors["scale"].shape.push_back(1); });
  refused([](MaceModelFiles& f) {
    f.tensors["scale"].type = "F32";
    f.tensors["scale"].data.resize(4);
  });
  refused([](MaceModelFiles& f) { f.tensors["scale"].type = "BF16"; });
  refused([](MaceModelFiles& f) { put(f.tensors["layers.0.radial.1.weight"].data, 5, std::nan("")); });
  refused([](MaceModelFiles& f) { put(f.tensors["scale"].data, 0, std::numeric_limits<double>::infinity()); });
}

TEST(monomials_with_wrong_indices_are_refused) {
  const auto refused = [](std::size_t at, std::int32_t value) {
    const Change change = [=](MaceModelFiles& f) { put(f.tensors["layers.0.product.1.2.index"].data, at, value); };
    CHECK_THROWS_CODE((void)read_changed("fixture-residual", change), ErrorCode::file_error);
  };
  refused(0, 3);  // component: there are 0, 1, 2
  refused(0, -1);
  refused(2, 16);  // harmonics: there are 16
  refused(1, -5);
  refused(1, 15);  // descending
  refused(3, 2);   // rows no longer in their order
}

TEST(hostile_headers_are_refused) {
  const auto refused = [](const std::string& header, std::size_t n_data_bytes) {
    CHECK_THROWS_CODE((void)read_with_header(header, n_data_bytes), ErrorCode::file_error);
  };
  const auto tensor = [](const std::string& shape, const std::string& offsets) {
    return R"({"dtype":"F64","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
  };
  refused("", 0);
  refused("[]", 0);
  refused(R"({"a":{}})", 0);
  refused(R"({"a":)" + tensor("[1]", "[0,8]") + R"(,"a":)" + tensor("[1]", "[8,16]") + "}", 16);
  refused(R"({"a":)" + tensor("[1]", "[0,8]") + R"(,"b":)" + tensor("[1]", "[4,12]") + "}", 12);
  refused(R"({"a":)" + tensor("[1]", "[0,8]") + R"(,"b":)" + tensor("[1]", "[16,24]") + "}", 24);
  refused(R"({"a":)" + tensor("[1]", "[8,0]") + "}", 8);
  refused(R"({"a":)" + tensor("[2]", "[0,16]") + "}", 8);
  refused(R"({"a":)" + tensor("[2]", "[0,8]") + "}", 8);
  refused(R"({"a":)" + tensor("[-1]", "[0,8]") + "}", 8);
  refused(R"({"a":)" + tensor("[1.5]", "[0,8]") + "}", 8);
  refused(R"({"a":)" + tensor("[1]", "[0,8,16]") + "}", 8);
  refused(R"({"a":)" + tensor("[4294967296,4294967296,2]", "[0,0]") + "}", 0);
  refused(R"({"a":)" + tensor("[9007199254740992,9007199254740992]", "[0,8]") + "}", 8);
  refused(R"({"a":)" + tensor("[1,1,1,1,1,1,1,1,1,1]", "[0,8]") + "}", 8);
  refused(std::string(200'000, '['), 0);
  refused(R"({"a":)" + std::string(100'000, '{'), 0);
  Bytes endless(16);
  put(endless, 0, std::numeric_limits<std::uint64_t>::max());
  CHECK_THROWS_CODE((void)read_with_tensors("fixture-residual", endless), ErrorCode::file_error);
}

TEST(random_damage_never_does_more_than_an_error) {
  std::mt19937 random(7);
  const MaceModelFiles good("fixture-nonlinear");
  const Bytes tensors = good.tensor_file();
  const auto header_end = 8 + static_cast<std::size_t>(value_at<std::uint64_t>(tensors, 0));
  const ScratchFolder scratch;
  int n_refused = 0;
  for (int k = 0; k < 400; ++k) {
    MaceModelFiles files = good;
    Bytes bytes = tensors;
    if (k % 2 == 0) bytes[random() % header_end] = static_cast<std::byte>(random());
    if (k % 2 == 1) files.json[random() % files.json.size()] = static_cast<char>(32 + random() % 95);
    files.write(scratch / "model", bytes);
    try {
      (void)read_model(scratch / "model");
    } catch (const KernelError&) {
      ++n_refused;
    }
  }
  CHECK(n_refused > 200);
}

TEST(a_description_that_contradicts_itself_is_refused) {
  const auto refused = [](const std::string& from, const std::string& to) {
    CHECK_THROWS_CODE((void)read_changed("fixture-residual", replacing(from, to)), ErrorCode::file_error);
  };
  refused("\"format_version\":1", "\"format_version\":2");
  refused("\"dtype\":\"float64\"", "\"dtype\":\"float32\"");
  refused("\"dtype\"", "\"dtipe\"");
  refused("\"l_max\":3", "\"l_max\":2");
  refused("[8,1,6]", "[8,1,8]");
  refused("[8,1,6]", "[8,1,119]");
  refused("[8,1,6]", "[8,1]");
  refused("\"n_channels\":4", "\"n_channels\":1000000000");
  refused("\"n_channels\":4", "\"n_channels\":-4");
  refused("\"r_max_A\":4.5", "\"r_max_A\":0");
  refused("\"avg_num_neighbors\":2.75", "\"avg_num_neighbors\":0");
  refused("\"input_l_max\":1", "\"input_l_max\":2");
  refused("[0,1,1]", "[0,1,2]");
  refused("[0,1,1]", "[0,0,0]");
  refused("\"gate\":null", "\"gate\":{}");
  refused("\"n_hidden\":4", "\"n_hidden\":0");
  refused("\"layer\":1", "\"layer\":2");
}

TEST(a_description_far_too_long_is_refused) {
  const Change longer = [](MaceModelFiles& files) { files.json += std::string(2 << 20, ' '); };
  CHECK_THROWS_CODE((void)read_changed("fixture-residual", longer), ErrorCode::file_error);
}

TEST(what_the_kernel_does_not_compute_is_unsupported) {
  const auto unsupported = [](const std::string& from, const std::string& to) {
    CHECK_THROWS_CODE((void)read_changed("fixture-residual", replacing(from, to)), ErrorCode::unsupported);
  };
  unsupported("\"l_max\":3", "\"l_max\":5");
  unsupported("[1,2,1]", "[1,1,1]");
}

TEST(a_head_is_chosen_by_name_or_because_it_is_alone_or_the_default) {
  Model model;
  model.heads = {"pt_head", "Default"};
  CHECK(choose_head(model, "pt_head") == 0);
  CHECK(choose_head(model, "") == 1);
  CHECK_THROWS_CODE((void)choose_head(model, "PT_HEAD"), ErrorCode::bad_request);
  model.heads = {"a", "b"};
  CHECK_THROWS_CODE((void)choose_head(model, ""), ErrorCode::bad_request);
  model.heads = {"only"};
  CHECK(choose_head(model, "") == 0);
}

}  // namespace mofkernel::mace
