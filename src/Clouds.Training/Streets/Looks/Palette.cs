using System.Numerics;
using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Looks;

/// <summary>The colours that a world is painted with, 0xRRGGBB; scenes draw from the lists.</summary>
internal sealed record Palette
{
    public uint[] Roads { get; init; } = [0x5E6066, 0x6B6B6E, 0x54565C];

    public uint[] Pavings { get; init; } = [0xA9A49C, 0x9C9A98, 0xB4AA9E];

    public uint[] Walls { get; init; } = [0xB9A58C, 0xA8A29A, 0x8F7A6A, 0xC4BBAE, 0x9A5F4A, 0x7F8790, 0xCDBfA4];

    public uint[] Frames { get; init; } = [0xE0DCD2, 0x55504A, 0xC9C4B8];

    public uint[] Panes { get; init; } = [0x4A5C6E, 0x3C4650, 0x5E7688];

    public uint[] Roofs { get; init; } = [0x6A4A40, 0x54504E, 0x7A5040];

    public uint[] Masonry { get; init; } = [0x9A6A52, 0x8E8A84, 0xA89878];

    public uint[] Leaves { get; init; } = [0x6C9A3C, 0x5A8A38, 0x7CA048];

    public uint[] Gaps { get; init; } = [0x24381C, 0x2A3A20, 0x1E301A];

    public uint[] Grass { get; init; } = [0x7C9A48, 0x8A9C50, 0x6E8E40];

    public uint[] Earth { get; init; } = [0x94805C, 0x8A7A58];

    public uint[] Paints { get; init; } = [0x202226, 0xE8E8E8, 0x9A9EA4, 0x8E1C20, 0x1C3E78, 0x4A5058, 0xC8B89A, 0x2E5A3C];

    public uint[] Cloths { get; init; } = [0x20242E, 0x3A4A6A, 0x8A2A2A, 0xD0D0CC, 0x5A5A5A, 0x2E5A4A, 0xC89A3A, 0x6A4A7A];

    public uint[] Skins { get; init; } = [0xE0B090, 0xC08A66, 0x7A5038];

    /// <summary>One colour of a list.</summary>
    public static Vector4 Pick(uint[] colours, RandomStream random) => Colour.Of(colours[random.NextInt32(colours.Length)]);
}
