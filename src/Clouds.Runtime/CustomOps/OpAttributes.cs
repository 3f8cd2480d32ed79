using System.Text;

namespace Clouds.Runtime.CustomOps;

/// <summary>The attributes of a node, read while its kernel is made; a missing one fails the session with its name.</summary>
internal readonly unsafe struct OpAttributes(nint info)
{
    /// <summary>A float attribute.</summary>
    public float Float(string name)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            return OrtApi.FloatAttribute(info, text);
        }
    }

    /// <summary>An integer attribute that fits 32 bits.</summary>
    public int Int(string name)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            return checked((int)OrtApi.IntAttribute(info, text));
        }
    }

    /// <summary>A list of integers that fit 32 bits.</summary>
    public int[] Ints(string name)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            return Array.ConvertAll(OrtApi.IntsAttribute(info, text), value => checked((int)value));
        }
    }
}
