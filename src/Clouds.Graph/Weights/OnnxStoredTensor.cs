using System.Buffers.Binary;
using System.Globalization;

namespace Clouds.Graph.Weights;

/// <summary>An initialiser as the model describes it; numbers are as they stand there.</summary>
internal sealed class OnnxStoredTensor
{
    private const int MaxRank = 64;
    private const int Cost = 640;
    private const int RunCost = 200;
    private const int Floats = 4;
    private const int Doubles = 10;
    private const int Raw = 9;

    // Fields with elements: where each run lies, and its numbers.
    private readonly List<(int Field, IEnumerable<long> Numbers, long Offset, long Bytes)> _runs = [];
    private readonly List<long> _shape = [];

    /// <summary>Its name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Number of its element type in ONNX.</summary>
    public long DataType { get; private set; }

    /// <summary>Dimensions, slowest first.</summary>
    public IReadOnlyList<long> Shape => _shape;

    /// <summary>Whether its elements lie in another file.</summary>
    public bool IsOutside { get; private set; }

    /// <summary>That file.</summary>
    public string Location { get; private set; } = "";

    /// <summary>First byte there; negative where it makes no sense.</summary>
    public long Start { get; private set; }

    /// <summary>Number of bytes there; negative where it makes no sense; null where the model leaves it out.</summary>
    public long? Length { get; private set; }

    /// <summary>Reads the description.</summary>
    /// <param name="message">The tensor.</param>
    /// <param name="charge">Told the memory that it takes, before it is taken.</param>
    public static OnnxStoredTensor Read(ProtoReader message, Action<long> charge)
    {
        charge(Cost);
        OnnxStoredTensor tensor = new();
        while (message.Next())
        {
            charge(message.Field is Floats or 5 or 7 or 8 or Raw or Doubles or 11 ? RunCost : 0);
            tensor.Take(message);
        }

        return tensor;
    }

    /// <summary>A key with its value.</summary>
    public static (string Key, string Value) Pair(ProtoReader message)
    {
        (string key, string value) = ("", "");
        while (message.Next())
        {
            key = message.Field == 1 ? message.Text() : key;
            value = message.Field == 2 ? message.Text() : value;
        }

        return (key, value);
    }

    /// <summary>Where the elements lie in the model as weight files have them; null where they do not.</summary>
    public (long Offset, long Bytes)? InPlace(WeightType type) => _runs switch
    {
        [] => (0, 0),
        [(Raw, _, long offset, long bytes)] => (offset, bytes),
        [(Floats, _, long offset, long bytes)] when type == WeightType.F32 => (offset, bytes),
        [(Doubles, _, long offset, long bytes)] when type == WeightType.F64 => (offset, bytes),
        _ => null,
    };

    /// <summary>Writes elements that stand in the model as numbers.</summary>
    /// <param name="memory">A file in memory.</param>
    /// <param name="offset">First byte there.</param>
    /// <param name="type">Element type.</param>
    /// <param name="bytes">Bytes there.</param>
    /// <returns>How many bytes there would have been, all in all.</returns>
    public long WriteTo(MappedFile memory, long offset, WeightType type, long bytes)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        long done = 0;
        foreach (long value in _runs.Where(run => run.Field is not (Raw or Floats or Doubles)).SelectMany(run => run.Numbers))
        {
            if (done < bytes)
            {
                BinaryPrimitives.WriteInt64LittleEndian(number, value);
                number[..type.Size()].CopyTo(memory.Writable(offset + done, type.Size()));
            }

            done += type.Size();
        }

        return done;
    }

    private void Take(ProtoReader field)
    {
        switch (field.Field)
        {
            case 1:
                _shape.AddRange(field.Numbers().Take(MaxRank + 1 - _shape.Count));
                break;
            case 2:
                DataType = field.Number;
                break;
            case Floats or 5 or 7 or Raw or Doubles or 11:
                _runs.Add((field.Field, field.Numbers(), field.Offset, field.Bytes));
                break;
            case 8:
                Name = field.Text();
                break;
            case 13:
                Locate(Pair(field.Inner()));
                break;
            case 14:
                IsOutside = field.Number == 1;
                break;
            default:
                break;
        }
    }

    private void Locate((string Key, string Value) entry)
    {
        switch (entry.Key)
        {
            case "location":
                Location = entry.Value;
                break;
            case "offset":
                Start = Count(entry.Value);
                break;
            case "length":
                Length = Count(entry.Value);
                break;
            default:
                break;
        }
    }

    private static long Count(string digits) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : -1;
}
