using System.Numerics;
using System.Runtime.CompilerServices;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Lanes;

/// <summary>An instruction form: its loop and the widths of its operands in bytes; 0 = predicate, -1 = none.</summary>
internal readonly unsafe struct AluForm(nint function, int d, int a, int b, int c)
{
    public delegate*<byte*, Instruction, uint, void> Function => (delegate*<byte*, Instruction, uint, void>)function;

    public int D => d;

    public int A => a;

    public int B => b;

    public int C => c;
}

/// <summary>Every arithmetic, logic and comparison form by its full opcode.</summary>
internal static unsafe partial class OpTable
{
    private static readonly Dictionary<string, AluForm> Forms = Build();

    /// <summary>All opcodes known.</summary>
    public static IReadOnlyCollection<string> Opcodes => Forms.Keys;

    /// <summary>The form of a full opcode such as "add.s32", or null.</summary>
    public static AluForm? Find(string opcode) => Forms.TryGetValue(opcode, out AluForm form) ? form : null;

    private static Dictionary<string, AluForm> Build()
    {
        Table table = new();
        table.Integer<short, int>("s16");
        table.Integer<ushort, uint>("u16");
        table.Integer<int, long>("s32");
        table.Integer<uint, ulong>("u32");
        table.Integer<long, Int128>("s64");
        table.Integer<ulong, UInt128>("u64");
        table.Wide<short, int>("s16");
        table.Wide<ushort, uint>("u16");
        table.Wide<int, long>("s32");
        table.Wide<uint, ulong>("u32");
        table.Bits<ushort>("b16");
        table.Bits<uint>("b32");
        table.Bits<ulong>("b64");
        table.Float<float>("f32");
        table.Float<double>("f64");
        table.RoundedFloat();
        table.Bytes();
        table.PredicateLogic();
        return table.Forms;
    }

    private sealed partial class Table
    {
        public Dictionary<string, AluForm> Forms { get; } = [];

        public void Integer<T, TWide>(string type)
            where T : unmanaged, IBinaryInteger<T>
            where TWide : unmanaged, IBinaryInteger<TWide>
        {
            Two<T, Add<T>>("add." + type);
            Two<T, Subtract<T>>("sub." + type);
            Two<T, Multiply<T>>("mul.lo." + type);
            Two<T, MultiplyHigh<T, TWide>>("mul.hi." + type);
            Two<T, Divide<T>>("div." + type);
            Two<T, Remainder<T>>("rem." + type);
            Two<T, Minimum<T>>("min." + type);
            Two<T, Maximum<T>>("max." + type);
            Three<T, MultiplyAdd<T>>("mad.lo." + type);
            One<T, T, Negate<T>>("neg." + type);
            One<T, T, Absolute<T>>("abs." + type);
            Shift<T, ShiftRight<T>>("shr." + type);
            One<T, uint, FindHighBit<T>>("bfind." + type);
            One<T, uint, FindHighBitShift<T>>("bfind.shiftamt." + type);
            Add<T, uint, uint, T>("bfe." + type, (nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Ternary<T, uint, uint, T, ExtractBits<T>>);
            Moves<T>(type);
            Comparisons<T>(type);
            Forms[$"setp.ne.{type}"] = Comparison<T, Unless<T, Equal<T>>>();
            Forms[$"setp.lo.{type}"] = Forms[$"setp.lt.{type}"];
            Forms[$"setp.ls.{type}"] = Forms[$"setp.le.{type}"];
            Forms[$"setp.hi.{type}"] = Forms[$"setp.gt.{type}"];
            Forms[$"setp.hs.{type}"] = Forms[$"setp.ge.{type}"];
        }

        public void Wide<T, TWide>(string type)
            where T : unmanaged, IBinaryInteger<T>
            where TWide : unmanaged, IBinaryInteger<TWide>
        {
            Add<T, T, TWide>("mul.wide." + type, (nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Binary<T, T, TWide, MultiplyWide<T, TWide>>);
            Add<T, T, TWide, TWide>(
                "mad.wide." + type, (nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Ternary<T, T, TWide, TWide, MultiplyWideAdd<T, TWide>>);
        }

        public void Bits<T>(string type)
            where T : unmanaged, IBinaryInteger<T>
        {
            Two<T, And<T>>("and." + type);
            Two<T, Or<T>>("or." + type);
            Two<T, Xor<T>>("xor." + type);
            One<T, T, Not<T>>("not." + type);
            Shift<T, ShiftLeft<T>>("shl." + type);
            Shift<T, ShiftRight<T>>("shr." + type);
            One<T, uint, PopulationCount<T>>("popc." + type);
            One<T, uint, LeadingZeros<T>>("clz." + type);
            One<T, T, ReverseBits<T>>("brev." + type);
            Moves<T>(type);
            Comparisons<T>(type);
            Forms[$"setp.ne.{type}"] = Comparison<T, Unless<T, Equal<T>>>();
            Forms[$"bfi.{type}"] = new((nint)(delegate*<byte*, Instruction, uint, void>)&InsertBits.Run<T>, sizeof(T), sizeof(T), sizeof(T), 4);
        }

        public void Bytes()
        {
            Three<uint, FunnelLeftWrap>("shf.l.wrap.b32");
            Three<uint, FunnelRightWrap>("shf.r.wrap.b32");
            Three<uint, FunnelLeftClamp>("shf.l.clamp.b32");
            Three<uint, FunnelRightClamp>("shf.r.clamp.b32");
            Three<uint, Permute>("prmt.b32");
            Three<uint, ByteDifferences>("vabsdiff4.u32.u32.u32.add");
            Three<uint, DotBytes>("dp4a.s32.s32");
            Add<uint, uint, int, uint>("fns.b32", (nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Ternary<uint, uint, int, uint, FindNthSet>);
        }

        public void PredicateLogic()
        {
            Forms["and.pred"] = new((nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Predicates<And<uint>>, 0, 0, 0, -1);
            Forms["or.pred"] = new((nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Predicates<Or<uint>>, 0, 0, 0, -1);
            Forms["xor.pred"] = new((nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Predicates<Xor<uint>>, 0, 0, 0, -1);
            Forms["not.pred"] = new((nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Predicates<NotPredicate>, 0, 0, -1, -1);
            Forms["mov.pred"] = new((nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Predicates<MovePredicate>, 0, 0, -1, -1);
        }

        private void One<T, TR, TRule>(string opcode)
            where T : unmanaged
            where TR : unmanaged
            where TRule : IUnary<T, TR>
            => Forms[opcode] = new((nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Unary<T, TR, TRule>, sizeof(TR), sizeof(T), -1, -1);

        private void Two<T, TRule>(string opcode)
            where T : unmanaged
            where TRule : IBinary<T, T, T>
            => Add<T, T, T>(opcode, (nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Binary<T, T, T, TRule>);

        private void Three<T, TRule>(string opcode)
            where T : unmanaged
            where TRule : ITernary<T, T, T, T>
            => Add<T, T, T, T>(opcode, (nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Ternary<T, T, T, T, TRule>);

        private void Shift<T, TRule>(string opcode)
            where T : unmanaged
            where TRule : IBinary<T, uint, T>
            => Add<T, uint, T>(opcode, (nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Binary<T, uint, T, TRule>);

        private void Moves<T>(string type)
            where T : unmanaged
        {
            One<T, T, Move<T>>("mov." + type);
            Forms["selp." + type] = new((nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Select<T>, sizeof(T), sizeof(T), sizeof(T), 0);
        }

        private void Add<TA, TB, TR>(string opcode, nint function)
            => Forms[opcode] = new(function, Unsafe.SizeOf<TR>(), Unsafe.SizeOf<TA>(), Unsafe.SizeOf<TB>(), -1);

        private void Add<TA, TB, TC, TR>(string opcode, nint function)
            => Forms[opcode] = new(function, Unsafe.SizeOf<TR>(), Unsafe.SizeOf<TA>(), Unsafe.SizeOf<TB>(), Unsafe.SizeOf<TC>());

        private static AluForm Comparison<T, TRule>()
            where T : unmanaged
            where TRule : IBinary<T, T, bool>
            => new((nint)(delegate*<byte*, Instruction, uint, void>)&LaneLoops.Compare<T, TRule>, 0, sizeof(T), sizeof(T), -1);

        private void Comparisons<T>(string type)
            where T : unmanaged, IComparisonOperators<T, T, bool>
        {
            Forms[$"setp.eq.{type}"] = Comparison<T, Equal<T>>();
            Forms[$"setp.lt.{type}"] = Comparison<T, Less<T>>();
            Forms[$"setp.le.{type}"] = Comparison<T, LessOrEqual<T>>();
            Forms[$"setp.gt.{type}"] = Comparison<T, Greater<T>>();
            Forms[$"setp.ge.{type}"] = Comparison<T, GreaterOrEqual<T>>();
        }
    }
}
