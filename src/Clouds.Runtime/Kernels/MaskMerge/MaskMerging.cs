using System.Numerics;
using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>Addresses of one merge's arrays, as <see cref="MaskMerge.Run"/> describes them.</summary>
internal readonly unsafe struct MaskPointers(float* logits, byte* classes, byte* labels, int* areas)
{
    public float* Logits { get; } = logits;

    public byte* Classes { get; } = classes;

    public byte* Labels { get; } = labels;

    public int* Areas { get; } = areas;

    public uint* Bitmaps { get; init; }

    /// <summary>Null where nobody asks.</summary>
    public uint* Clashes { get; init; }

    /// <summary>Null where nobody asks.</summary>
    public uint* Chosen { get; init; }

    public bool Resumes { get; init; }
}

/// <summary>One merge: lays the masks of a tile over each other, tile by tile. Shared by the threads.</summary>
internal sealed unsafe class MaskMerging(MaskTile tiles, MaskGeometry geometry, MaskPointers arrays, int[] best, MaskOverlap overlap, int planes)
{
    private const int Side = MaskTile.Side;

    // Byte i of a row's 32 takes bit i of the row's word.
    private static readonly Vector256<byte> ByteOfWord =
        Vector256.Create((byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    private static readonly Vector256<byte> BitOfByte = Vector256.Create(0x8040201008040201UL).AsByte();

    private readonly int _wordsPerRow = MaskMerge.WordsPerRow(geometry.OutputWidth);

    /// <summary>The tile rows from..to.</summary>
    public void Run(int from, int to)
    {
        float* scratch = Scratch.Floats(tiles.ScratchFloats);
        uint* words = stackalloc uint[3 * Side];
        byte* owners = stackalloc byte[Side * Side];
        Stack stack = new(words, owners);
        int[] areas = new int[best.Length];
        for (int tileY = from; tileY < to; tileY++)
        {
            for (int tileX = 0; tileX < tiles.Columns; tileX++)
            {
                stack.Clear();
                if (arrays.Resumes)
                {
                    Load(stack, tileY * Side, tileX * Side);
                }

                Cover(stack, tileY, tileX, areas, scratch);
                Write(stack, tileY * Side, tileX * Side);
            }
        }

        for (int i = 0; i < areas.Length; i++)
        {
            Interlocked.Add(ref arrays.Areas[i], areas[i]);
        }
    }

    private static Vector256<byte> Spread(uint word) => Vector256.Equals(Vector256.Shuffle(Vector256.Create(word).AsByte(), ByteOfWord) & BitOfByte, BitOfByte);

    /// <summary>Puts what earlier masks left on the stack.</summary>
    private void Load(Stack stack, int top, int left)
    {
        int columns = Math.Min(Side, geometry.OutputWidth - left);
        for (int y = top; y < Math.Min(top + Side, geometry.OutputHeight); y++)
        {
            byte* owners = stack.Owners + ((y - top) * Side);
            new ReadOnlySpan<byte>(arrays.Labels + ((long)y * geometry.OutputWidth) + left, columns).CopyTo(new Span<byte>(owners, columns));
            stack.Clash[y - top] = arrays.Clashes[((long)y * _wordsPerRow) + (left / Side)];
            stack.Covered[y - top] = stack.Clash[y - top] | ~Vector256.Equals(Vector256.Load(owners), Vector256<byte>.AllBitsSet).ExtractMostSignificantBits();
        }
    }

    private void Cover(Stack stack, int tileY, int tileX, int[] areas, float* scratch)
    {
        int rows = Math.Min(Side, geometry.OutputHeight - (tileY * Side));
        int columns = Math.Min(Side, geometry.OutputWidth - (tileX * Side));
        uint inside = uint.MaxValue >> (Side - columns);
        for (int i = 0; i < best.Length; i++)
        {
            float* mask = arrays.Logits + ((((long)i * MaskMerge.Candidates) + best[i]) * geometry.MaskPixels);
            TileCover cover = tiles.Look(mask, tileY, tileX);
            if (cover == TileCover.Nothing)
            {
                continue;
            }

            if (cover == TileCover.Mixed)
            {
                tiles.Interpolate(mask, tileY, tileX, stack.Mask, scratch);
            }
            else
            {
                new Span<uint>(stack.Mask, Side).Fill(uint.MaxValue);
            }

            for (int y = 0; y < rows; y++)
            {
                uint bits = stack.Mask[y] & inside;
                areas[i] += BitOperations.PopCount(bits);
                Lay(stack, y, bits, arrays.Classes[i]);
                Note(i, (tileY * Side) + y, tileX, bits);
            }
        }
    }

    private void Lay(Stack stack, int y, uint bits, byte own)
    {
        Vector256<byte> classOf = Vector256.Create(own);
        Vector256<byte> owners = Vector256.Load(stack.Owners + (y * Side));
        uint both = stack.Covered[y] & bits;
        if (both != 0)
        {
            stack.Clash[y] |= overlap == MaskOverlap.Any ? both : both & ~Vector256.Equals(owners, classOf).ExtractMostSignificantBits();
        }

        uint fresh = bits & ~stack.Covered[y];
        Vector256.ConditionalSelect(Spread(fresh), classOf, owners).Store(stack.Owners + (y * Side));
        stack.Covered[y] |= bits;
    }

    /// <summary>Writes down a row of a mask where somebody asks for it.</summary>
    private void Note(int mask, int y, int word, uint bits)
    {
        if (arrays.Chosen is not null)
        {
            arrays.Chosen[((((long)mask * geometry.OutputHeight) + y) * _wordsPerRow) + word] = bits;
        }

        if (overlap == MaskOverlap.Keep && arrays.Classes[mask] < planes)
        {
            arrays.Bitmaps[((((long)arrays.Classes[mask] * geometry.OutputHeight) + y) * _wordsPerRow) + word] |= bits;
        }
    }

    private void Write(Stack stack, int top, int left)
    {
        int columns = Math.Min(Side, geometry.OutputWidth - left);
        for (int y = top; y < Math.Min(top + Side, geometry.OutputHeight); y++)
        {
            byte* owners = stack.Owners + ((y - top) * Side);
            uint settled = stack.Covered[y - top] & ~stack.Clash[y - top];
            Vector256.ConditionalSelect(Spread(settled), Vector256.Load(owners), Vector256<byte>.AllBitsSet).Store(owners);
            new ReadOnlySpan<byte>(owners, columns).CopyTo(new Span<byte>(arrays.Labels + ((long)y * geometry.OutputWidth) + left, columns));
            if (overlap != MaskOverlap.Keep)
            {
                WriteBits(Vector256.Load(owners), settled, y, left / Side);
            }

            if (arrays.Clashes is not null)
            {
                arrays.Clashes[((long)y * _wordsPerRow) + (left / Side)] = stack.Clash[y - top];
            }
        }
    }

    /// <summary>Sets the row's words in the planes of its classes.</summary>
    private void WriteBits(Vector256<byte> labels, uint settled, int y, int word)
    {
        while (settled != 0)
        {
            byte own = labels[BitOperations.TrailingZeroCount(settled)];
            uint bits = Vector256.Equals(labels, Vector256.Create(own)).ExtractMostSignificantBits();
            if (own < planes)
            {
                arrays.Bitmaps[((((long)own * geometry.OutputHeight) + y) * _wordsPerRow) + word] = bits & settled;
            }

            settled &= ~bits;
        }
    }

    /// <summary>What lies on a tile so far, 32 words or 32 x 32 bytes each.</summary>
    private readonly struct Stack(uint* words, byte* owners)
    {
        public uint* Mask { get; } = words;

        public uint* Covered { get; } = words + Side;

        public uint* Clash { get; } = words + (2 * Side);

        public byte* Owners { get; } = owners;

        public void Clear()
        {
            new Span<uint>(Mask, 3 * Side).Clear();
            new Span<byte>(Owners, Side * Side).Fill(byte.MaxValue);
        }
    }
}
