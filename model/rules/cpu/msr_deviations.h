#pragma once
// The tables tell what the probed CPUs have otherwise than the rows of the catalogue, which are as
// the i7-6700K and the Ryzen 1800X have them, and the values that these models read. All of it is
// from VB, the masks probed on silicon (VirtualBox CPU database).

#include <icebp/model/rules/cpu/msr_row.h>

namespace icebp::msr_deviations {

inline constexpr auto rw = MsrAccess::read_write;
inline constexpr auto absent = MsrAccess::absent;
inline constexpr std::uint64_t all = ~std::uint64_t{0};

// clang-format off
inline constexpr MsrDeviation core2[] = {
  // index       access  writable            gp
    {0x0000001B, rw,     0x0000000FFFFFF900, 0xFFFFFFF0000000FF, "VB Core 2 X6800"},
    {0x00000033, rw,     0,                  0,                  "VB Core 2 X6800"},
    {0x0000008B, rw,     0xFFFFFFFF00000000, 0,                  "VB Core 2 X6800"},
    {0x0000017A, rw,     0x00000000FFFFFFFF, 0,                  "VB Core 2 X6800"},
    {0x00000186, rw,     0x00000000FFFFFFFF, 0,                  "VB Core 2 X6800"},
    {0x00000187, rw,     0x00000000FFFFFFFF, 0,                  "VB Core 2 X6800"},
    {0x000001A0, rw,     0xFFFFFFAD9FCE6609, 0,                  "VB Core 2 X6800"},
    {0x000001C8, absent, 0,                  0,                  "VB Core 2 X6800"},
    {0x000001C9, rw,     0x0000000000000001, 0,                  "VB Core 2 X6800"},
    {0x000001D9, rw,     0x0000000000001FC3, 0xFFFFFFFFFFFFE03C, "VB Core 2 X6800"},
    {0x00000309, rw,     0x000000FFFFFFFFFF, 0,                  "VB Core 2 X6800"},
    {0x0000030A, rw,     0x000000FFFFFFFFFF, 0,                  "VB Core 2 X6800"},
    {0x0000030B, rw,     0x000000FFFFFFFFFF, 0,                  "VB Core 2 X6800"},
    {0x0000038D, rw,     0x0000000000000FFF, 0,                  "VB Core 2 X6800"},
    {0x0000038F, rw,     all,                0,                  "VB Core 2 X6800"},
    {0x00000390, rw,     0,                  0,                  "VB Core 2 X6800"},
    {0x000003F1, rw,     0x0000000000000001, 0,                  "VB Core 2 X6800"},
    {0xC0000084, rw,     all,                0,                  "VB Core 2 X6800"},
};
inline constexpr MsrDeviation sandybridge[] = {
    {0x0000008B, rw,     0xFFFFFFFF00000001, 0x00000000FFFFFFFE, "VB i7-3960X"},
    {0x00000140, absent, 0,                  0,                  "VB i7-3960X"},
    {0x0000017A, rw,     0x0000000000000007, 0xFFFFFFFFFFFFFFF8, "VB i7-3960X"},
    {0x000001A0, rw,     0x0000004400C5000D, 0xFFFFFFBBFF3AEF72, "VB i7-3960X"},
    {0x000001C8, rw,     0x00000000000001FF, 0xFFFFFFFFFFFFFE00, "VB i7-3960X"},
    {0x000001C9, rw,     0x000000000000000F, 0xFFFFFFFFFFFFFFF0, "VB i7-3960X"},
    {0x00000390, rw,     0,                  0x1FFFFFF8FFFFFFF0, "VB i7-3960X"},
    {0x000003F1, rw,     0x8000000F0000000F, 0x7FFFFFF0FFFFFFF0, "VB i7-3960X"},
};
inline constexpr MsrDeviation skylake[] = {
    {0x00000DA0, rw,     0x0000000000000100, 0xFFFFFFFFFFFFFEFF, "VB i7-6700K: neither HDC nor HWP states"},
};
inline constexpr MsrDeviation k8[] = {
    {0x0000017B, rw,     0x000000000000001F, 0,                  "VB Athlon 64 3200+"},
    {0xC0000080, rw,     0x0000000000000901, 0xFFFFFFFFFFFFF200, "VB Athlon 64 3200+"},
    {0xC0010010, rw,     0x00000000003F07FF, 0,                  "VB Athlon 64 3200+"},
    {0xC0010015, rw,     0x00000000C00FFFFF, 0,                  "VB Athlon 64 3200+"},
    {0xC0011024, rw,     0x00000000000000FF, 0,                  "VB Athlon 64 3200+"},
    {0xC0011029, absent, 0,                  0,                  "VB Athlon 64 3200+"},
};
inline constexpr MsrDeviation fam15h[] = {
    {0x0000017B, rw,     0x0000000000000077, 0,                  "VB FX-8150"},
    {0xC0000080, rw,     0x0000000000007901, 0xFFFFFFFFFFFF8200, "VB FX-8150"},
    {0xC0010010, rw,     0x00000000007D0000, 0,                  "VB FX-8150"},
    {0xC0010015, rw,     0x00000000FEFF9FDF, 0,                  "VB FX-8150"},
    {0xC0010114, rw,     0x000000000000001F, 0x00000000FFFFFFE0, "VB FX-8150"},
    {0xC0011024, rw,     0x00000000000001FB, 0,                  "VB FX-8150"},
    {0xC0011029, rw,     0x000000003FE77FFE, 0,                  "VB FX-8150"},
};
inline constexpr MsrDeviation zen1[] = {
    {0xC0010117, rw,     0x000087FFFFFFF000, 0xFFFF780000000FFF, "VB Ryzen 1800X: encryption takes bits 46:43, bit 47 is the C-bit"},
};

inline constexpr MsrModelValue core2_values[] = {
    {0x00000017, 0x0000000088040B27, "VB Core 2 X6800"},
    {0x00000179, 0x0000000000000006, "VB Core 2 X6800"},
    {0x00000345, 0x0000000000000082, "VB Core 2 X6800"},
    {0x00000480, 0x001A040000000007, "VB Core 2 X6800"},
};
inline constexpr MsrModelValue sandybridge_values[] = {
    {0x00000017, 0x0008000000000000, "VB i7-3960X"},
    {0x000000FE, 0x0000000000000D0A, "VB i7-3960X"},
    {0x00000179, 0x0000000000000C12, "VB i7-3960X"},
    {0x00000345, 0x00000000000031C3, "VB i7-3960X"},
    {0x00000480, 0x00DA040000000010, "VB i7-3960X"},
};
inline constexpr MsrModelValue skylake_values[] = {
    {0x00000017, 0x0004000000000000, "VB i7-6700K"},
    {0x000000FE, 0x0000000000001D0A, "VB i7-6700K"},
    {0x00000179, 0x0000000000000C0A, "VB i7-6700K"},
    {0x00000480, 0x00DA040000000004, "VB i7-6700K"},
};
inline constexpr MsrModelValue zen1_values[] = {
    {0x00000179, 0x0000000000000117, "VB Ryzen 1800X"},
};
// clang-format on

} // namespace icebp::msr_deviations
