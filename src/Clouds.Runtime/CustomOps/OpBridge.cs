using System.Runtime.InteropServices;
using System.Text;

namespace Clouds.Runtime.CustomOps;

/// <summary>
/// Lends C# kernels to ONNX Runtime: one struct of function pointers an op, one set of callbacks for all of them. Structs and names are
/// native memory that is never freed, since sessions hold on to them.
/// </summary>
internal static unsafe class OpBridge
{
    /// <summary>OrtCustomOp of the C header, field by field, and our own fields behind it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Op
    {
        public uint Version;
        public nint CreateKernel;
        public nint GetName;
        public nint GetExecutionProviderType;
        public nint GetInputType;
        public nint GetInputTypeCount;
        public nint GetOutputType;
        public nint GetOutputTypeCount;
        public nint KernelCompute;
        public nint KernelDestroy;
        public nint GetInputCharacteristic;
        public nint GetOutputCharacteristic;
        public nint GetInputMemoryType;
        public nint GetVariadicInputMinArity;
        public nint GetVariadicInputHomogeneity;
        public nint GetVariadicOutputMinArity;
        public nint GetVariadicOutputHomogeneity;
        public nint CreateKernelV2;
        public nint KernelComputeV2;
        public nint InferOutputShape;
        public nint GetStartVersion;
        public nint GetEndVersion;
        public nint GetMayInplace;
        public nint ReleaseMayInplace;
        public nint GetAliasMap;
        public nint ReleaseAliasMap;
        public nint Definition;
        public byte* Name;
        public byte* Provider;
    }

    /// <summary>A new domain with these ops.</summary>
    public static nint CreateDomain(string name, IEnumerable<CustomOp> ops)
    {
        nint domain = OrtApi.CreateDomain(NativeText(name));
        foreach (CustomOp op in ops)
        {
            OrtApi.AddOp(domain, CreateOp(op));
        }

        return domain;
    }

    private static Op* CreateOp(CustomOp definition)
    {
        Op* op = (Op*)NativeMemory.AllocZeroed((nuint)sizeof(Op));
        op->Version = OrtApi.Version;
        op->Definition = GCHandle.ToIntPtr(GCHandle.Alloc(definition));
        op->Name = NativeText(definition.Name);
        op->Provider = definition.Provider is null ? null : NativeText(definition.Provider);
        op->GetName = (nint)(delegate* unmanaged<Op*, byte*>)&GetName;
        op->GetExecutionProviderType = (nint)(delegate* unmanaged<Op*, byte*>)&GetProvider;
        op->GetInputType = (nint)(delegate* unmanaged<Op*, nuint, int>)&GetInputType;
        op->GetInputTypeCount = (nint)(delegate* unmanaged<Op*, nuint>)&GetInputCount;
        op->GetOutputType = (nint)(delegate* unmanaged<Op*, nuint, int>)&GetOutputType;
        op->GetOutputTypeCount = (nint)(delegate* unmanaged<Op*, nuint>)&GetOutputCount;
        op->KernelDestroy = (nint)(delegate* unmanaged<nint, void>)&Destroy;
        op->GetInputCharacteristic = (nint)(delegate* unmanaged<Op*, nuint, int>)&Zero;
        op->GetOutputCharacteristic = (nint)(delegate* unmanaged<Op*, nuint, int>)&Zero;
        op->GetInputMemoryType = (nint)(delegate* unmanaged<Op*, nuint, int>)&Zero;
        op->GetVariadicInputMinArity = (nint)(delegate* unmanaged<Op*, int>)&One;
        op->GetVariadicInputHomogeneity = (nint)(delegate* unmanaged<Op*, int>)&One;
        op->GetVariadicOutputMinArity = (nint)(delegate* unmanaged<Op*, int>)&One;
        op->GetVariadicOutputHomogeneity = (nint)(delegate* unmanaged<Op*, int>)&One;
        op->CreateKernelV2 = (nint)(delegate* unmanaged<Op*, nint, nint, nint*, nint>)&Create;
        op->KernelComputeV2 = (nint)(delegate* unmanaged<nint, nint, nint>)&Compute;
        op->GetStartVersion = (nint)(delegate* unmanaged<Op*, int>)&One;
        op->GetEndVersion = (nint)(delegate* unmanaged<Op*, int>)&LastVersion;
        return op;
    }

    private static byte* NativeText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text + '\0');
        byte* memory = (byte*)NativeMemory.Alloc((nuint)bytes.Length);
        bytes.CopyTo(new Span<byte>(memory, bytes.Length));
        return memory;
    }

    private static CustomOp Definition(Op* op) => (CustomOp)GCHandle.FromIntPtr(op->Definition).Target!;

    [UnmanagedCallersOnly]
    private static byte* GetName(Op* op) => op->Name;

    [UnmanagedCallersOnly]
    private static byte* GetProvider(Op* op) => op->Provider;

    [UnmanagedCallersOnly]
    private static int GetInputType(Op* op, nuint index) => (int)Definition(op).Inputs[index];

    [UnmanagedCallersOnly]
    private static nuint GetInputCount(Op* op) => (nuint)Definition(op).Inputs.Length;

    [UnmanagedCallersOnly]
    private static int GetOutputType(Op* op, nuint index) => (int)Definition(op).Outputs[index];

    [UnmanagedCallersOnly]
    private static nuint GetOutputCount(Op* op) => (nuint)Definition(op).Outputs.Length;

    [UnmanagedCallersOnly]
    private static int Zero(Op* op, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static int One(Op* op) => 1;

    [UnmanagedCallersOnly]
    private static int LastVersion(Op* op) => int.MaxValue;

    [UnmanagedCallersOnly]
    private static nint Create(Op* op, nint api, nint info, nint* kernel)
    {
        try
        {
            CustomOp definition = Definition(op);
            *kernel = GCHandle.ToIntPtr(GCHandle.Alloc(new Node(definition.Name, definition.Create(new OpAttributes(info)))));
            return 0;
        }
        catch (Exception failure)
        {
            return OrtApi.CreateStatus(failure.Message);
        }
    }

    [UnmanagedCallersOnly]
    private static nint Compute(nint kernel, nint context)
    {
        Node node = (Node)GCHandle.FromIntPtr(kernel).Target!;
        try
        {
            node.Kernel.Compute(new OpContext(context, node.Op));
            return 0;
        }
        catch (Exception failure)
        {
            // Checks of the kernels' hosts know their kernel, not the operator.
            return OrtApi.CreateStatus(failure.Message.StartsWith(node.Op, StringComparison.Ordinal) ? failure.Message : $"{node.Op}: {failure.Message}");
        }
    }

    [UnmanagedCallersOnly]
    private static void Destroy(nint kernel)
    {
        GCHandle handle = GCHandle.FromIntPtr(kernel);
        try
        {
            (((Node)handle.Target!).Kernel as IDisposable)?.Dispose();
        }
        catch (Exception)
        {
            // An exception across native frames would end the process, and device memory that cannot be given back goes with it anyway.
        }

        handle.Free();
    }

    private sealed record Node(string Op, ICustomKernel Kernel);
}
