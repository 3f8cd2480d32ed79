using System.Globalization;

namespace Clouds.Graph.Weights.Pickle;

/// <summary>
/// The machine that a pickle is a program of. It builds lists, dictionaries, tuples, numbers and texts, and remembers them. Whatever else a pickle asks
/// for is a name and arguments, handed to <see cref="IPickleBuilder"/>; nothing is ever looked up or run.
/// </summary>
/// <param name="reader">The pickle.</param>
/// <param name="builder">What names mean.</param>
internal sealed partial class PickleMachine(PickleReader reader, IPickleBuilder builder)
{
    private const int NumberCost = 24;

    private readonly PickleStack _stack = new(reader);
    private readonly PickleMemo _memo = new(reader);

    /// <summary>Runs to the end.</summary>
    /// <returns>Null, bool, long, double, string, or one of the classes of this folder; or what the builder made.</returns>
    /// <exception cref="Diagnostics.CloudsException">Weights: the pickle is damaged, or wants something that is not on the list.</exception>
    public object? Run()
    {
        for (PickleOpcode opcode = reader.Opcode(); opcode != PickleOpcode.Stop; opcode = reader.Opcode())
        {
            if (!Remember(opcode) && !Fill(opcode) && !Call(opcode))
            {
                _stack.Push(Value(opcode));
            }
        }

        return _stack.Pop();
    }

    // Operations that leave a value as it is.
    private bool Remember(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto:
                Protocol(reader.Byte());
                break;
            case PickleOpcode.Frame:
                reader.Frame();
                break;
            case PickleOpcode.Mark:
                _stack.Mark();
                break;
            case PickleOpcode.Pop:
                _stack.Drop();
                break;
            case PickleOpcode.PopMark:
                _stack.PopToMark();
                break;
            case PickleOpcode.Put:
                _memo.Put(Index(), _stack.Top());
                break;
            case PickleOpcode.BinPut:
                _memo.Put(reader.Byte(), _stack.Top());
                break;
            case PickleOpcode.LongBinPut:
                _memo.Put(reader.UInt32(), _stack.Top());
                break;
            case PickleOpcode.Memoize:
                _memo.Add(_stack.Top());
                break;
            default:
                return false;
        }

        return true;
    }

    // Operations that put values into another one, which stays on the stack.
    private bool Fill(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Append:
                object? item = _stack.Pop();
                Holder()?.Append([item], reader);
                break;
            case PickleOpcode.Appends or PickleOpcode.AddItems:
                object?[] items = _stack.PopToMark();
                Holder()?.Append(items, reader);
                break;
            case PickleOpcode.SetItem:
                object?[] pair = _stack.Pop(2);
                Holder()?.SetPairs(pair, reader);
                break;
            case PickleOpcode.SetItems:
                object?[] pairs = _stack.PopToMark();
                Holder()?.SetPairs(pairs, reader);
                break;
            case PickleOpcode.Build:
                object? state = _stack.Pop();
                builder.SetUp(_stack.Top(), state);
                break;
            default:
                return false;
        }

        return true;
    }

    // Operations that name something or call it.
    private bool Call(PickleOpcode opcode)
    {
        object? result;
        switch (opcode)
        {
            case PickleOpcode.Global:
                result = builder.Find(reader.Line(), reader.Line());
                break;
            case PickleOpcode.StackGlobal:
                object?[] names = _stack.Pop(2);
                result = builder.Find(Name(names[0]), Name(names[1]));
                break;
            case PickleOpcode.Inst:
                PickleGlobal type = builder.Find(reader.Line(), reader.Line());
                result = builder.Make(type, new PickleTuple(_stack.PopToMark()));
                break;
            case PickleOpcode.Obj:
                object?[] made = _stack.PopToMark();
                result = builder.Make(made.FirstOrDefault(), new PickleTuple([.. made.Skip(1)]));
                break;
            case PickleOpcode.Reduce or PickleOpcode.NewObj:
                object?[] call = _stack.Pop(2);
                result = builder.Make(call[0], call[1]);
                break;
            case PickleOpcode.NewObjEx:
                object?[] named = _stack.Pop(3);
                result = builder.Make(named[0], named[1]);
                break;
            case PickleOpcode.BinPersId:
                result = builder.Load(_stack.Pop());
                break;
            default:
                return false;
        }

        _stack.Push(result);
        return true;
    }

    private PickleObject? Holder() => _stack.Top() switch
    {
        PickleObject holder => holder,
        PickleData => null,
        object other => throw reader.Refuse("a pickle puts values into something that holds none", $"{other}", "a list or a dictionary"),
        null => throw reader.Refuse("a pickle puts values into nothing", "None", "a list or a dictionary"),
    };

    private string Name(object? name) => PickleKey.Text(name) ?? throw reader.Refuse("the name of a class is no text", $"{name}", "a text");

    private void Protocol(byte protocol)
    {
        if (protocol > 5)
        {
            throw reader.Refuse("the pickle's protocol is not known", $"protocol {protocol}", "protocol 0 to 5", "save the file with an older protocol");
        }
    }

    private uint Index() => uint.TryParse(reader.Line(), NumberStyles.None, CultureInfo.InvariantCulture, out uint index)
        ? index
        : throw reader.Refuse("a pickle remembers by a number that is none", null, "a whole number");
}
